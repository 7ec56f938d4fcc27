import { unlessAborted } from '../clock/unless-aborted.ts'
import type { AnyOperation } from '../contract/operation/operation.ts'
import { defined } from '../defined.ts'
import type { Exchange } from './exchange.ts'
import type { HttpEvent, HttpResult } from './lambda-types.ts'
import { negotiate } from './negotiate.ts'
import type { HttpPlatform } from './platform.ts'
import { presented } from './presented.ts'
import { runIdempotent, type Work } from './run-idempotent.ts'

/** Runs the matched operation and makes its answer. @throws {MmfError} what the operation throws; `deadline_exceeded` */
export async function dispatch(event: HttpEvent, exchange: Exchange, platform: HttpPlatform): Promise<HttpResult> {
  const work = workOf(exchange)
  const { representations = {}, preferred, present } = work.operation.http ?? {}
  if (present !== undefined) {
    const { output, replayed } = await unlessAborted(runIdempotent(work, event, platform), exchange.signal)
    return presented(respond(work.operation, output, 'application/json', replayed), present.of(output), work.call)
  }
  const type = negotiate(event.headers['accept'], Object.keys(representations), preferred)
  const { output, replayed } = await unlessAborted(runIdempotent(work, event, platform), exchange.signal)
  return respond(work.operation, output, type, replayed)
}

function workOf({ operation, context, call, wireInput }: Exchange): Work {
  if (operation === undefined || context === undefined || call === undefined) {
    throw new TypeError('route and decode must come before dispatch')
  }
  return { operation, context, call, wireInput }
}

function respond(operation: AnyOperation, output: unknown, type: string, replayed: boolean): HttpResult {
  const http = operation.http
  const representation = http?.representations?.[type]
  const status = typeof http?.status === 'function' ? http.status(output) : (http?.status ?? 200)
  return {
    statusCode: status,
    headers: {
      'content-type': type,
      ...defined({
        vary: http?.representations === undefined ? undefined : 'accept',
        'cache-control': http?.maxAgeSeconds === undefined ? undefined : `public, max-age=${http.maxAgeSeconds}`,
      }),
      ...(replayed ? { 'idempotency-replayed': 'true' } : {}),
    },
    body: representation === undefined ? JSON.stringify(output) : representation(output),
  }
}
