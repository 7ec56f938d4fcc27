import type * as z from 'zod'
import type { PlatformWrite } from '../database/database.ts'
import type { Span } from '../observability/observability.ts'

/** An event type as data: `name` as in the plugin system's description, `version` part of the CloudEvents type. */
export interface EventDefinition<Name extends string = string, Data = unknown> {
  readonly name: Name
  readonly version: number
  readonly data: z.ZodType<Data>
  readonly description?: string
}

// biome-ignore lint/suspicious/noExplicitAny: a bound for inference only.
export type AnyEvent = EventDefinition<string, any>
export type DataOf<E extends AnyEvent> = E extends EventDefinition<string, infer D> ? D : never

export function defineEvent<const Name extends string, Data>(
  definition: EventDefinition<Name, Data>,
): EventDefinition<Name, Data> {
  return definition
}

/** CloudEvents 1.0, as stored in the outbox and as delivered. `type` is `<plugin>.<name>.v<version>`. */
export interface CloudEvent<Data = unknown> {
  readonly specversion: '1.0'
  readonly id: string
  /** `/plugins/<plugin>/services/<service>` */
  readonly source: string
  readonly type: string
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string
  readonly subject?: string
  readonly datacontenttype: 'application/json'
  readonly correlationid: string
  readonly causationid?: string
  /** The span that published it (CloudEvents, Distributed Tracing extension; W3C Trace Context §3.2). */
  readonly traceparent?: string
  readonly data: Data
}

/** What an operation may do with events: make outbox rows that go into its own transaction. */
export interface Events<Published extends AnyEvent = AnyEvent> {
  /**
   * The write that puts the event into the outbox; nothing is published unless the transaction that holds it commits.
   * @param options `span`, that of the call: who handles the event goes on in its trace
   * @throws {MmfError} `event_invalid` when `data` does not match the declaration.
   */
  outbox<E extends Published>(
    event: E,
    data: DataOf<E>,
    options: { subject?: string; correlationId: string; causationId?: string; span?: Span | undefined },
  ): PlatformWrite
}
