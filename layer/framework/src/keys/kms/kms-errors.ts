import { MmfError } from '../../errors/mmf-error.ts'

/** Seconds. KMS names none; its quotas are per second. */
const retryAfter = '1'

/**
 * What KMS says when the same request may succeed later: throttling, its own failures, and a dependency's
 * (AWS KMS API reference, errors of Sign and common errors; KeyUnavailable: an external or custom key store does not answer).
 */
const temporary = new Set([
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'KMSInternalException',
  'DependencyTimeoutException',
  'KeyUnavailableException',
  'ServiceUnavailableException',
  'ServiceUnavailable',
  'InternalFailure',
  'TimeoutError',
])

/** What the SDK or Node throws when no answer came at all. */
const network = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

interface SdkError {
  readonly name?: unknown
  readonly code?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
}

/**
 * The platform's error for an exception of the SDK. Everything that KMS decided (no permission, disabled or unknown key, wrong
 * usage or state) is `key_service_refused`: to repeat it changes nothing. The operation and KMS's error name are in the detail,
 * which is logged and not shown; KMS's own text may name principals and is kept as `cause` only.
 */
export function kmsError(operation: string, error: unknown): MmfError {
  const { name, code, $metadata } = (error ?? {}) as SdkError
  const status = $metadata?.httpStatusCode
  const label = typeof name === 'string' && name !== 'Error' ? name : String(code ?? 'error')
  const request = $metadata?.requestId === undefined ? '' : ` (request ${$metadata.requestId})`
  const detail = `KMS ${operation}: ${label}${request}`
  const unavailable =
    temporary.has(String(name)) ||
    network.has(String(code)) ||
    (status !== undefined && (status >= 500 || status === 429))
  if (unavailable)
    return new MmfError('key_service_unavailable', { detail, headers: { 'retry-after': retryAfter }, cause: error })
  return new MmfError('key_service_refused', { detail, cause: error })
}
