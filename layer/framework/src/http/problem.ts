import { isMmfError, MmfError } from '../errors/mmf-error.ts'

/** RFC 9457. `code` is stable; `errorId` is there when the cause is only in the log. */
export interface Problem {
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
        ...error.members,
        ...(error.detail === undefined ? {} : { detail: error.detail }),
        ...(error.errors.length === 0 ? {} : { errors: error.errors }),
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
