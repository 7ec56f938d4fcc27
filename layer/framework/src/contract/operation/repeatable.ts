import type { Scope } from '../scope.ts'
import type { Declaration } from './declaration.ts'

/**
 * Whether an operation may run twice for one request: `always`; `with_key`, where the request has an Idempotency-Key, under which the work is done once;
 * or `never`.
 */
export type Repeatable = 'always' | 'with_key' | 'never'

interface Declared {
  readonly http?: { readonly method: string } | undefined
  /** As its author declared it. */
  readonly scope: Scope
  readonly declares: Declaration
}

/** GET, PUT and DELETE by RFC 9110 §9.2.2; what reads only; handlers of events and schedules, which must bear a repetition anyway. */
export function repeatable({ http, scope, declares: { event, schedule, idempotent } }: Declared): Repeatable {
  if (http !== undefined && http.method !== 'POST') return 'always'
  if (!changes(scope)) return 'always'
  if (http === undefined && (event ?? schedule) !== undefined) return 'always'
  if (idempotent === undefined) return 'never'
  return idempotent.afterwards ? 'always' : 'with_key'
}

/** Whether an operation only reads: GET by RFC 9110 §9.2.1, or nothing in its scope that could change anything. */
export function readsOnly({ http, scope, declares: { event, schedule, idempotent } }: Declared): boolean {
  if (event !== undefined || schedule !== undefined || idempotent !== undefined) return false
  return http?.method === 'GET' || ((http === undefined || http.method === 'POST') && !changes(scope))
}

/** What a holder of this scope could change, or have others change. */
function changes({ tables = [], keys = [], events = [], calls = [], blobs }: Scope): boolean {
  return (
    tables.some(({ access }) => access === 'write') ||
    keys.length > 0 ||
    events.length > 0 ||
    calls.length > 0 ||
    blobs === 'write'
  )
}
