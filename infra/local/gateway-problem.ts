import { type ErrorCode, MmfError } from '@mmf/framework'
import type { HttpResult } from '@mmf/framework/http'

/** An answer of the gateway itself, where no function is asked: in the same form as theirs. */
export function gatewayProblem(code: ErrorCode, detail: string, requestId: string): HttpResult {
  const { status, title, retryable } = new MmfError(code).entry
  const problem = { type: `urn:mmf:error:${code}`, title, status, code, detail, correlationId: requestId }
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-correlation-id': requestId,
      ...(retryable ? { 'retry-after': '2' } : {}),
    },
    body: JSON.stringify(problem),
  }
}
