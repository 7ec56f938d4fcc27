import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Call } from '../contract/call.ts'
import type { AnyOperation } from '../contract/operation/operation.ts'
import type { PluginContext } from '../contract/plugin-context.ts'
import { unlessConflict } from '../database/unless-conflict.ts'
import type { Begun } from '../idempotency/idempotency.ts'
import { rawBody } from './body.ts'
import type { HttpEvent } from './lambda-types.ts'
import type { HttpPlatform } from './platform.ts'

export interface Work {
  readonly operation: AnyOperation
  readonly context: PluginContext
  readonly call: Call
  readonly wireInput: unknown
}

export interface Done {
  /** In its wire form. */
  readonly output: unknown
  /** Whether it is the stored answer of an earlier request. */
  readonly replayed: boolean
}

/**
 * Runs an operation. With an Idempotency-Key, where the operation honours it, the key is claimed first: a stored answer is given again instead,
 * and a failure gives the key back. So does a success that stored no answer: nothing could be replayed, and until its lease ended the
 * key would refuse the very repetition that it is for. As that is a mistake of the operation, it is logged.
 * @throws {MmfError} what the operation throws, and what `Idempotency.begin` does
 */
export async function runIdempotent(work: Work, event: HttpEvent, platform: HttpPlatform): Promise<Done> {
  const { operation, context, call, wireInput } = work
  const { idempotent } = operation.declares
  if (idempotent === undefined || call.idempotencyKey === undefined) {
    return { output: await operation.invoke(wireInput, { context, call }), replayed: false }
  }
  const name = `${context.plugin.name}.${operation.service}.${operation.name}`
  const begun = await platform.idempotency.begin({
    subject: call.principal?.subject ?? '',
    operation: name,
    key: call.idempotencyKey,
    requestHash: requestHash(event),
    leaseMs: Math.max(call.deadline - Date.now(), 1),
    ttlSeconds: idempotent.ttlSeconds,
  })
  call.logger.debug('an idempotency key was used', () => ({ outcome: begun.kind }))
  if (begun.kind === 'replay') return { output: begun.output, replayed: true }
  let stored = false
  const complete = (output: unknown) => {
    stored = true
    // What is stored is the wire form: a replay is byte for byte the first answer.
    return begun.claim.complete(z.encode(operation.output, output))
  }
  try {
    const output = await operation.invoke(wireInput, { context, call: { ...call, idempotency: { complete } } })
    if (idempotent.afterwards) await storeAfterwards(begun, output, work, platform)
    else if (!stored) {
      call.logger.warn('an idempotent operation stored no answer, so its key is free again', { operation: name })
      await release(begun, call)
    }
    return { output, replayed: false }
  } catch (error) {
    await release(begun, call)
    throw error
  }
}

/**
 * Stores the answer of an operation that may not have done so in its own transaction. What it did stands: where the answer cannot be stored, the key
 * is given back, and a repetition does the work again.
 */
async function storeAfterwards(
  begun: Extract<Begun, { kind: 'claimed' }>,
  output: unknown,
  { call }: Work,
  { database }: HttpPlatform,
): Promise<void> {
  try {
    // A conflict: the operation has stored it itself.
    await unlessConflict(database.transaction(begun.claim.complete(output)))
  } catch (error) {
    call.logger.warn('the answer of an idempotent operation was not stored, so its key is free again', { error })
    await release(begun, call)
  }
}

/** The answer, or the first error, stands whatever happens here; a claim that cannot be released ends with its lease. */
async function release(begun: { release(): Promise<void> }, { logger }: Call): Promise<void> {
  await begun.release().catch((error: unknown) => logger.warn('the idempotency claim was not released', { error }))
}

/** Same method, path, query and body: the same request. */
function requestHash(event: HttpEvent): string {
  const hash = createHash('sha256')
  hash.update(`${event.requestContext.http.method} ${event.rawPath}?${event.rawQueryString}\n`)
  return hash.update(rawBody(event)).digest('hex')
}
