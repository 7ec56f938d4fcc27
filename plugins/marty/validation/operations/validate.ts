import { type Call, defined, MmfError } from '@mmf/framework'
import { candidatesOf, type Target } from '../evaluation/candidates.ts'
import { withDirectory } from '../evaluation/directory.ts'
import { evaluate } from '../evaluation/evaluate.ts'
import { trustOf } from '../evaluation/trust.ts'
import { readHelpers } from '../inputs/inputs.ts'
import { storedCrls } from '../inputs/stored-crls.ts'
import { goOnline } from '../online/go-online.ts'
import type { ValidationContext } from '../operation.ts'
import type { SharedRequest } from '../schemas.ts'
import { type Settings, settingsOf } from '../settings.ts'
import { type StoredVerdict, storeVerdicts } from '../verdicts/store-verdicts.ts'
import { fitVerdict } from '../verdicts/verdict-record.ts'
import type { Validation } from '../verdicts/verdict-schema.ts'

/** Bytes of all verdicts in one answer: Lambda ends an answer at 6 MB, and JSON inside JSON grows. */
const answerBytes = 4_000_000

interface Environment {
  readonly context: ValidationContext
  readonly call: Call
}

/**
 * reading → directory → what is trusted → paths and signatures → revocation → storing → answer. With `fetch` issuers are fetched between
 * trust and paths where they are missing, and evidence between paths and revocation. Nothing is stored unless all of it was understood, and no
 * verdict leaves before it is stored.
 * @param read reads the certificates in question, after the permission to bring anchors was checked
 * @throws {MmfError} `validation_failed` for `fetch` where that is switched off; what reading, the trust store and the database throw
 */
export async function validate(
  request: SharedRequest,
  read: () => readonly Target[],
  { context, call }: Environment,
): Promise<readonly Validation[]> {
  const { clock, observability } = context
  const settings = settingsOf(request, clock.now(), context.config)
  if (request.fetch === true && !context.config.enable_online_verification) throw notOnline()
  const trust = await trustOf(request, settings, { context, call })
  const targets = read()
  const given = readHelpers(request, await storedCrls(request.storedCrls, { context, call }))
  const helpers = request.directory === true ? await withDirectory(targets, given, settings, { context, call }) : given
  const candidates = await observability.tracer.span(
    'trust_chain_validation',
    {
      service: 'trust_anchor_service',
      certificates: targets.length,
      profile: settings.profile,
      generation: trust.generation,
    },
    () => candidatesOf(targets, helpers, trust, call),
    call.span,
  )
  const online = request.fetch === true ? goOnline({ context, call, trust, settings }) : undefined
  const evaluated = await evaluate(candidates, settings, { call, observability, help: online })
  await online?.settle(evaluated)
  const stored = await storeVerdicts(evaluated, settings, { context, call })
  for (const { verdict, validationId } of stored) {
    const { valid, attempts } = verdict
    call.logger.debug('paths were tried', () => ({ validationId, valid, attempts }))
  }
  const each = Math.floor(answerBytes / stored.length)
  return stored.map(one => toValidation(one, settings, each))
}

function notOnline(): MmfError {
  const message = 'nothing is fetched here: enable_online_verification is false'
  return new MmfError('validation_failed', { detail: `fetch: ${message}`, errors: [{ path: 'fetch', message }] })
}

function toValidation(
  { validationId, verdict, inputs }: StoredVerdict,
  settings: Settings,
  maxBytes: number,
): Validation {
  const { revocation } = settings
  const { anchorsGeneration, list } = inputs
  return {
    validationId,
    ...fitVerdict(verdict, maxBytes),
    revocationMode: revocation,
    anchorsGeneration,
    ...defined({ fetched: list.fetched }),
  }
}
