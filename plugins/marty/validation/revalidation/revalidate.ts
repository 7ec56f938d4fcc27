import { type Call, defined, oneByOne, put, readWhatCan } from '@mmf/framework'
import { walkShards } from '../../records/walk-shards.ts'
import { revalidationContinued } from '../events/revalidation-continued.ts'
import { validationChanged } from '../events/validation-changed.ts'
import type { ValidationContext } from '../operation.ts'
import { fromSettingsRecord } from '../settings.ts'
import { type ChangeRow, validationChanges } from '../tables/validation-changes.ts'
import { validationDependencies } from '../tables/validation-dependencies.ts'
import { readValidation, type ValidationRow, validations } from '../tables/validations.ts'
import { recordOf } from '../verdicts/store-verdicts.ts'
import { deliverOnce, type StepWrite } from './deliver-once.ts'
import { rejudgeStored } from './rejudge-stored.ts'

/** Verdicts looked at in one step: their changes and events go into one transaction. */
const verdictsAtOnce = 25

export interface RevalidationStep {
  /** The event that began it. */
  readonly revisitId: string
  readonly step: number
  readonly cause: ChangeRow['cause']
  readonly fingerprints: readonly string[]
  readonly cursor?: string | undefined
}

interface Environment {
  readonly context: ValidationContext
  readonly call: Call
}

/**
 * Revalidates some of the verdicts that rest on a certificate, with what is trusted and revoked now, and publishes those that changed; then
 * publishes an event for the rest. One transaction, done once, however often the event is delivered.
 */
export async function revalidate(given: RevalidationStep, environment: Environment): Promise<void> {
  const [fingerprint] = given.fingerprints
  if (fingerprint === undefined) return
  await deliverOnce(given, environment, () => plannedStep(given, fingerprint, environment))
}

async function plannedStep(
  given: RevalidationStep,
  fingerprint: string,
  { context, call }: Environment,
): Promise<readonly StepWrite[]> {
  const { database, events } = context
  const { revisitId, cause } = given
  const { signal, correlationId, span } = call
  const page = await walkShards(fingerprint, given.cursor, (partition, cursor) => {
    const query = { partition, limit: verdictsAtOnce, unreadable: 'report' } as const
    return database.query(validationDependencies, cursor === undefined ? query : { ...query, cursor }, { signal })
  })
  const changed = await changedOf(
    page.rows.map(({ validationId }) => validationId),
    { cause, fingerprint },
    { context, call },
  )
  const next = nextOf(given, page.cursor)
  return [
    ...changed.flatMap(({ row, change }) => [
      put(validationChanges, change),
      events.outbox(validationChanged, eventData(row, change), { subject: row.validationId, correlationId, span }),
    ]),
    ...(next === undefined
      ? []
      : [events.outbox(revalidationContinued, next, { subject: revisitId, correlationId, span })]),
  ]
}

function nextOf({ revisitId, step, cause, fingerprints }: RevalidationStep, cursor: string | undefined) {
  const rest = cursor === undefined ? fingerprints.slice(1) : fingerprints
  if (rest.length === 0) return undefined
  return { revisitId, step: step + 1, cause, fingerprints: [...rest], ...defined({ cursor }) }
}

interface Changed {
  readonly row: ValidationRow
  readonly change: ChangeRow
}

async function changedOf(
  ids: readonly string[],
  reason: Pick<ChangeRow, 'cause' | 'fingerprint'>,
  { context, call }: Environment,
): Promise<readonly Changed[]> {
  const { database } = context
  const keys = ids.map(validationId => ({ validationId }))
  const { rows } = await readWhatCan(database, validations, keys, { signal: call.signal })
  const changes = await database.getMany(validationChanges, keys, { signal: call.signal })
  const changed: Changed[] = []
  for (const [index, stored] of rows.entries()) {
    const row = stored === undefined ? undefined : readValidation(stored)
    // Anchors given in the request are the caller's decision: the trust store does not apply.
    if (row === undefined || row.anchorsGeneration === 'request') continue
    const last = changes[index]?.valid ?? row.valid
    // `revisit` names the loop in logs and runbooks, and stays.
    const about = { loop: 'revisit', id: row.validationId }
    const { metrics } = context.observability
    const now = await oneByOne({ logger: call.logger, metrics }, about, () => judgeNow(row, { context, call }))
    if (now === undefined || now.valid === last) continue
    const { validationId } = row
    const changedAt = context.clock.now().toISOString()
    changed.push({ row, change: { validationId, ...reason, ...now, changedAt } })
  }
  return changed
}

/** The verdict at the moment that was asked about, by today's trust; a revocation of today counts although it came later. */
async function judgeNow(
  row: ValidationRow,
  { context, call }: Environment,
): Promise<Pick<ChangeRow, 'valid' | 'findings' | 'generation'>> {
  const { settings, limits } = fromSettingsRecord(row)
  const view = { revokedBy: Math.max(settings.at, context.clock.now().getTime()) }
  const { evaluated, generation } = await rejudgeStored(row, { settings, limits, view }, { context, call })
  const { valid, findings } = recordOf(evaluated)
  const codes = [...new Set(findings.map(({ code }) => code))]
  return { valid, findings: codes, generation: generation === 'request' ? 0 : generation }
}

function eventData(
  { certificate, profile, principal }: ValidationRow,
  { changedAt: _changedAt, ...change }: ChangeRow,
) {
  return { ...change, certificate, profile, principal }
}
