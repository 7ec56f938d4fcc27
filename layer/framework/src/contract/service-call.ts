import type { Principal } from './call.ts'

/** A call of an operation in another function: plain data, in wire form. */
export interface ServiceCall {
  readonly mmf: 'call'
  readonly plugin: string
  readonly service: string
  readonly operation: string
  readonly input: unknown
  readonly principal?: Principal
  readonly correlationId: string
  /** Milliseconds since 1970: the callee gives up when the caller does. */
  readonly deadline: number
  /** W3C `traceparent` of the caller's span. */
  readonly traceparent?: string
}

/** What comes back: the answer in wire form, or the error as data. */
export type ServiceReply =
  | { readonly output: unknown }
  | {
      readonly error: {
        readonly code: string
        readonly detail?: string
        readonly members?: Readonly<Record<string, unknown>>
        readonly errors?: readonly { readonly path: string; readonly message: string; readonly code?: string }[]
      }
    }

/** Carries a call to the function that serves it: Lambda Invoke on AWS, the other handler of this process locally. */
export type ServiceTransport = (call: ServiceCall, options: { signal: AbortSignal }) => Promise<ServiceReply>
