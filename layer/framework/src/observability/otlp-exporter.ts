import { type ClientRequest, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { EndedSpan } from './local-tracer.ts'
import type { Logger, Metrics } from './observability.ts'
import { otlpRequest } from './otlp-request.ts'
import type { OtlpSettings } from './otlp-settings.ts'

export interface OtlpExporterOptions {
  readonly settings: OtlpSettings
  readonly metrics: Metrics
  readonly logger: Logger
  /** Spans that wait at most; further ones are dropped and counted. Default 2,048. */
  readonly maxQueued?: number
  /** Spans of one request at most. Default 512. */
  readonly maxBatch?: number
  /** Milliseconds for which spans are gathered. Default 1,000. */
  readonly delayMs?: number
}

export interface OtlpExporter {
  /** Takes a span; never waits, never throws. */
  add(span: EndedSpan): void
  /** Sends what waits, within a time. */
  close(timeoutMs: number): Promise<void>
}

const dropped = 'mmf_spans_dropped_total'
/** Of one request, in milliseconds. */
const timeoutMs = 10_000
/** Answers that a collector may give otherwise the next time (OTLP/HTTP, retryable response codes). */
const retryable = new Set([429, 502, 503, 504])
const maxAttempts = 3

/**
 * Sends spans to a collector, as OTLP/HTTP in JSON, batch after batch. It sends to the one configured address, follows no redirect, and holds back
 * nothing: a collector that is slow or gone costs spans, which are counted, and no request.
 */
export function createOtlpExporter(options: OtlpExporterOptions): OtlpExporter {
  const { settings, metrics, maxQueued = 2048, maxBatch = 512, delayMs = 1000 } = options
  const logger = options.logger.child({}, 'framework.tracing')
  const queue: EndedSpan[] = []
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> | undefined
  let attempts = 0
  let isFailing = false

  const drop = (reason: string, count: number) => metrics.count(dropped, { reason }, count)

  function later(): void {
    if (timer !== undefined || sending !== undefined || queue.length === 0) return
    // Twice as long after each failure.
    timer = setTimeout(sendNext, delayMs * 2 ** attempts)
    timer.unref()
  }

  function sendNext(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    sending ??= sendBatch().finally(() => {
      sending = undefined
      later()
    })
    return sending
  }

  async function sendBatch(): Promise<void> {
    const batch = queue.slice(0, maxBatch)
    const outcome = await post(settings, otlpRequest(batch, settings.service)).catch((error: unknown) => ({ error }))
    const status = 'status' in outcome ? outcome.status : undefined
    if (status !== undefined && status >= 200 && status < 300) {
      queue.splice(0, batch.length)
      attempts = 0
      if (isFailing) logger.info('the collector takes spans again')
      isFailing = false
      return
    }
    if (!isFailing) logger.warn('the collector does not take spans', { endpoint: settings.endpoint, ...outcome })
    isFailing = true
    attempts += 1
    if (attempts < maxAttempts && (status === undefined || retryable.has(status))) return
    queue.splice(0, batch.length)
    attempts = 0
    drop('not_taken', batch.length)
  }

  return {
    add(span) {
      if (queue.length >= maxQueued) return drop('queue_full', 1)
      queue.push(span)
      later()
    },
    async close(withinMs) {
      const end = new Promise<void>(resolve => setTimeout(resolve, withinMs).unref())
      const all = async () => {
        while (queue.length > 0 && !isFailing) await sendNext()
      }
      await Promise.race([all(), end])
      clearTimeout(timer)
      if (queue.length > 0) drop('stopped', queue.length)
      queue.length = 0
    },
  }
}

function post({ endpoint, headers }: OtlpSettings, body: string): Promise<{ readonly status: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly status: number }>()
  const start: typeof requestHttp = endpoint.startsWith('https:') ? requestHttps : requestHttp
  const all = { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
  const request: ClientRequest = start(endpoint, {
    method: 'POST',
    headers: all,
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
  })
  request.on('response', response => {
    response.resume()
    response.on('end', () => resolve({ status: response.statusCode ?? 0 }))
    response.on('error', reject)
  })
  request.on('error', reject)
  request.end(body)
  return promise
}
