import { type Call, defined, insert, isMmfError, oneByOne, put, readWhatCan } from '@mmf/framework'
import { walkShards } from '../../records/walk-shards.ts'
import { validationChanged } from '../events/validation-changed.ts'
import { validationRevisitContinued } from '../events/validation-revisit-continued.ts'
import type { ValidationContext } from '../operation.ts'
import { fromSettingsRecord } from '../settings.ts'
import { type ChangeRow, validationChanges } from '../tables/validation-changes.ts'
import { validationDependencies } from '../tables/validation-dependencies.ts'
import { validationRevisits } from '../tables/validation-revisits.ts'
import { readValidation, type ValidationRow, validations } from '../tables/validations.ts'
import { recordOf } from '../verdicts/store-verdicts.ts'
import { rejudgeStored } from './rejudge-stored.ts'

/** Verdicts looked at in one step: their changes and events go into one transaction. */
const verdictsAtOnce = 25
/** How long a step is remembered: longer than any delivery is repeated. */
const rememberedSeconds = 30 * 86_400
export const rememberedUntil = (now: Date): number => Math.floor(now.getTime() / 1000) + rememberedSeconds

export interface RevisitStep {
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
 * Judges some of the verdicts that rest on a certificate again, by what is trusted and revoked now, and tells of those that have turned; then
 * passes the rest on. One transaction, once, however often the event is delivered.
 */
export async function revisit(given: RevisitStep, { context, call }: Environment): Promise<void> {
  const { database, clock, events } = context
  const { revisitId, step, fingerprints, cause } = given
  const [fingerprint] = fingerprints
  if (fingerprint === undefined) return
  const { signal, correlationId } = call
  if ((await database.get(validationRevisits, { revisitId, step }, { signal })) !== undefined) return
  const page = await walkShards(fingerprint, given.cursor, (partition, cursor) => {
    const query = { partition, limit: verdictsAtOnce, unreadable: 'report' } as const
    return database.query(validationDependencies, cursor === undefined ? query : { ...query, cursor }, { signal })
  })
  const turned = await turnedOf(
    page.rows.map(({ validationId }) => validationId),
    { cause, fingerprint },
    { context, call },
  )
  const next = nextOf(given, page.cursor)
  const expiresAt = rememberedUntil(clock.now())
  try {
    await database.transaction(
      [
        insert(validationRevisits, { revisitId, step, expiresAt }),
        ...turned.flatMap(({ row, change }) => [
          put(validationChanges, change),
          events.outbox(validationChanged, told(row, change), { subject: row.validationId, correlationId }),
        ]),
        ...(next === undefined
          ? []
          : [events.outbox(validationRevisitContinued, next, { subject: revisitId, correlationId })]),
      ],
      { signal },
    )
  } catch (error) {
    // Another delivery of the same event has done it.
    if (!isMmfError(error, 'database_conflict')) throw error
    if ((await database.get(validationRevisits, { revisitId, step }, { signal })) === undefined) throw error
  }
}

function nextOf({ revisitId, step, cause, fingerprints }: RevisitStep, cursor: string | undefined) {
  const rest = cursor === undefined ? fingerprints.slice(1) : fingerprints
  if (rest.length === 0) return undefined
  return { revisitId, step: step + 1, cause, fingerprints: [...rest], ...defined({ cursor }) }
}

interface Turned {
  readonly row: ValidationRow
  readonly change: ChangeRow
}

async function turnedOf(
  ids: readonly string[],
  reason: Pick<ChangeRow, 'cause' | 'fingerprint'>,
  { context, call }: Environment,
): Promise<readonly Turned[]> {
  const { database } = context
  const keys = ids.map(validationId => ({ validationId }))
  const { rows } = await readWhatCan(database, validations, keys, { signal: call.signal })
  const changes = await database.getMany(validationChanges, keys, { signal: call.signal })
  const turned: Turned[] = []
  for (const [index, stored] of rows.entries()) {
    const row = stored === undefined ? undefined : readValidation(stored)
    // Whoever brought the anchors decides about them: the trust store has no say.
    if (row === undefined || row.anchorsGeneration === 'request') continue
    const last = changes[index]?.valid ?? row.valid
    const about = { loop: 'revisit', id: row.validationId }
    const { metrics } = context.observability
    const now = await oneByOne({ logger: call.logger, metrics }, about, () => judgeNow(row, { context, call }))
    if (now === undefined || now.valid === last) continue
    const { validationId } = row
    const changedAt = context.clock.now().toISOString()
    turned.push({ row, change: { validationId, ...reason, ...now, changedAt } })
  }
  return turned
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

function told({ certificate, profile, principal }: ValidationRow, { changedAt: _changedAt, ...change }: ChangeRow) {
  return { ...change, certificate, profile, principal }
}
