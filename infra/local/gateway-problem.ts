import { STATUS_CODES } from 'node:http'
import { defined, isMmfError, MmfError } from '@mmf/framework'
import type { HttpResult } from '@mmf/framework/http'

/** An answer of the gateway itself, where no function is asked: in the same form as theirs. */
export function gatewayProblem(error: MmfError, requestId: string): HttpResult {
  const { status, title, retryable, expose } = error.entry
  const { code, detail, members } = error
  const shown = expose ? { ...members, ...defined({ detail }) } : { errorId: requestId }
  const problem = { type: `urn:mmf:error:${code}`, title, status, code, ...shown, correlationId: requestId }
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-correlation-id': requestId,
      ...(retryable && status === 503 ? { 'retry-after': '2' } : {}),
      ...error.headers,
    },
    body: JSON.stringify(problem),
  }
}

/** What is none of ours is an `internal_error`, its text never sent. */
export const asGatewayError = (error: unknown): MmfError =>
  isMmfError(error) ? error : new MmfError('internal_error', { cause: error })

/** The same as bytes of HTTP/1.1, for a connection whose request could not be read: there is no response object then. */
export function rawProblem(error: MmfError, requestId: string): string {
  const { statusCode = 400, headers = {}, body = '' } = gatewayProblem(error, requestId)
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}\r\n${head}\r\n${body}`
}
