import { createHash } from 'node:crypto'
import * as z from 'zod'
import { MmfError } from '../errors/mmf-error.ts'
import type { AnyOperation } from '../operation/operation.ts'
import type { Call } from '../plugin/call.ts'
import type { PluginContext } from '../plugin/plugin-context.ts'
import { rawBody } from './body.ts'
import type { Exchange } from './exchange.ts'
import type { HttpEvent, HttpResult } from './lambda-types.ts'
import { negotiate } from './negotiate.ts'
import type { HttpPlatform } from './platform.ts'
import { presented } from './presented.ts'

interface Work {
  readonly operation: AnyOperation
  readonly context: PluginContext
  readonly call: Call
  readonly wireInput: unknown
}

/** Runs the matched operation and makes its answer. @throws {MmfError} what the operation throws; `deadline_exceeded` */
export async function dispatch(event: HttpEvent, exchange: Exchange, platform: HttpPlatform): Promise<HttpResult> {
  const work = workOf(exchange)
  const { representations = {}, preferred, present } = work.operation.http ?? {}
  if (present !== undefined) {
    const { output, replayed } = await withDeadline(exchange.signal, run(work, event, platform))
    return presented(respond(work.operation, output, 'application/json', replayed), present.of(output), work.call)
  }
  const type = negotiate(event.headers['accept'], Object.keys(representations), preferred)
  const { output, replayed } = await withDeadline(exchange.signal, run(work, event, platform))
  return respond(work.operation, output, type, replayed)
}

function workOf({ operation, context, call, wireInput }: Exchange): Work {
  if (operation === undefined || context === undefined || call === undefined) {
    throw new TypeError('route and decode must come before dispatch')
  }
  return { operation, context, call, wireInput }
}

/** The signal also reaches the ports; this race answers when something does not listen to it. */
async function withDeadline<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(new MmfError('deadline_exceeded', { cause: signal.reason }))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function run(
  work: Work,
  event: HttpEvent,
  platform: HttpPlatform,
): Promise<{ output: unknown; replayed: boolean }> {
  const { operation, context, call, wireInput } = work
  const { idempotent } = operation.declares
  if (idempotent === undefined || call.idempotencyKey === undefined) {
    return { output: await operation.invoke(wireInput, { context, call }), replayed: false }
  }
  const begun = await platform.idempotency.begin({
    subject: call.principal?.subject ?? '',
    operation: `${context.plugin.name}.${operation.service}.${operation.name}`,
    key: call.idempotencyKey,
    requestHash: requestHash(event),
    leaseMs: Math.max(call.deadline - Date.now(), 1),
    ttlSeconds: idempotent.ttlSeconds,
  })
  if (begun.kind === 'replay') return { output: begun.output, replayed: true }
  // What is stored is the wire form: a replay is byte for byte the first answer.
  const idempotency = { complete: (output: unknown) => begun.claim.complete(z.encode(operation.output, output)) }
  try {
    return { output: await operation.invoke(wireInput, { context, call: { ...call, idempotency } }), replayed: false }
  } catch (error) {
    // The first error is the answer; a claim that cannot be released ends with its lease.
    await begun
      .release()
      .catch((cause: unknown) => call.logger.warn('the idempotency claim was not released', { error: cause }))
    throw error
  }
}

/** Same method, path, query and body: the same request. */
function requestHash(event: HttpEvent): string {
  const hash = createHash('sha256')
  hash.update(`${event.requestContext.http.method} ${event.rawPath}?${event.rawQueryString}\n`)
  return hash.update(rawBody(event)).digest('hex')
}

function respond(operation: AnyOperation, output: unknown, type: string, replayed: boolean): HttpResult {
  const http = operation.http
  const representation = http?.representations?.[type]
  const status = typeof http?.status === 'function' ? http.status(output) : (http?.status ?? 200)
  return {
    statusCode: status,
    headers: {
      'content-type': type,
      ...(http?.representations === undefined ? {} : { vary: 'accept' }),
      ...(http?.maxAgeSeconds === undefined ? {} : { 'cache-control': `public, max-age=${http.maxAgeSeconds}` }),
      ...(replayed ? { 'idempotency-replayed': 'true' } : {}),
    },
    body: representation === undefined ? JSON.stringify(output) : representation(output),
  }
}
