import type { Call, Principal } from '../contract/call.ts'
import type { AnyOperation } from '../contract/operation/operation.ts'
import type { PluginContext } from '../contract/plugin-context.ts'
import type { Logger, Span } from '../observability/observability.ts'

/** What sets an operation going. */
export type Trigger = 'http' | 'call' | 'event' | 'schedule'

/** What the steps of one request learn and hand on. One per request, passed along, never shared. */
export interface Exchange {
  readonly correlationId: string
  readonly requestId: string
  readonly started: number
  /** From the route on its lines name plugin, service and operation. */
  logger: Logger
  readonly signal: AbortSignal
  readonly deadline: number
  readonly trigger: Trigger
  /** The span in progress: the caller's, when the request named one, and from the route on that of the operation. */
  span?: Span | undefined
  /** Ends the operation's span. */
  endSpan?: ((error?: unknown) => Promise<void>) | undefined
  /** What stood before the route in the path. */
  basePath?: string | undefined
  operation?: AnyOperation | undefined
  context?: PluginContext | undefined
  params?: Readonly<Record<string, string>> | undefined
  principal?: Principal | undefined
  wireInput?: unknown
  call?: Call | undefined
  /** What gateway steps add to the answer, names in lower case. */
  addedHeaders?: Readonly<Record<string, string>> | undefined
  /** How the caller stands with its limits, as fields of the answer. */
  limitFields?: Readonly<Record<string, string>> | undefined
  /** Gives the turn of the request back. */
  releaseTurn?: (() => void) | undefined
  /** Code of the error that became the answer. */
  errorCode?: string | undefined
}
