import type { Call, Principal } from '../contract/call.ts'
import type { AnyOperation } from '../contract/operation/operation.ts'
import type { PluginContext } from '../contract/plugin-context.ts'
import type { Logger, Span } from '../observability/observability.ts'

/** What the steps of one request learn and hand on. One per request, passed along, never shared. */
export interface Exchange {
  readonly correlationId: string
  readonly requestId: string
  readonly started: number
  /** From the route on its lines name plugin, service and operation. */
  logger: Logger
  readonly signal: AbortSignal
  readonly deadline: number
  /** The caller's span, when the request named one. */
  readonly span?: Span | undefined
  /** What stood before the route in the path. */
  basePath?: string | undefined
  operation?: AnyOperation | undefined
  context?: PluginContext | undefined
  params?: Readonly<Record<string, string>> | undefined
  principal?: Principal | undefined
  wireInput?: unknown
  call?: Call | undefined
  /** Code of the error that became the answer. */
  errorCode?: string | undefined
}
