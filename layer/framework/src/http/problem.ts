import { type FieldError, isMmfError, MmfError } from '../errors/mmf-error.ts'
import { redactValues } from '../observability/redaction.ts'

/** RFC 9457. `code` is stable; `errorId` is there when the cause is only in the log. */
interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly correlationId: string
  readonly errorId?: string
  readonly errors?: readonly { readonly path: string; readonly message: string; readonly code?: string }[]
}

export interface ProblemResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly problem: Problem
}

/** Seconds a client should wait after a retryable 503. */
const retryAfterSeconds = '2'

/** Anything thrown becomes an error of the catalogue; what is not one of ours is `internal_error`, its text never sent. */
export function asMmfError(thrown: unknown): MmfError {
  return isMmfError(thrown) ? thrown : new MmfError('internal_error', { cause: thrown })
}

/** The answer for an error. Only exposed codes carry `detail`, `errors` and further members. */
export function toProblem(error: MmfError, correlationId: string, errorId: string): ProblemResponse {
  const { status, title, expose, retryable } = error.entry
  const details = expose
    ? {
        ...(redacted(error.members) as object),
        ...(error.detail === undefined ? {} : { detail: redactValues(error.detail) }),
        ...(error.errors.length === 0 ? {} : { errors: redacted(error.errors) as readonly FieldError[] }),
      }
    : { errorId }
  const challenge: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer realm="marty"' } : {}
  const retry: Record<string, string> = retryable && status === 503 ? { 'retry-after': retryAfterSeconds } : {}
  return {
    status,
    headers: { ...challenge, ...retry, ...error.headers, 'content-type': 'application/problem+json' },
    problem: { type: `urn:mmf:error:${error.code}`, title, status, code: error.code, ...details, correlationId },
  }
}

/** Every text in a value of JSON without what has the form of a secret: a library's message may have come into a detail. */
function redacted(value: unknown): unknown {
  if (typeof value === 'string') return redactValues(value)
  if (Array.isArray(value)) return value.map(redacted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, redacted(member)]))
}
