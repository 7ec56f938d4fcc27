import {
  type AnyTable,
  type Call,
  type Concern,
  eventHandler,
  eventInput,
  idempotent,
  scheduled,
  traceOperation,
} from '@mmf/framework'
import * as z from 'zod'
import { expiryLookContinued } from '../events/expiry-look-continued.ts'
import type { ExpiryPlace } from '../tables/expiry-notices.ts'
import type { ExpiryContext, ExpirySource } from './expiry-source.ts'
import { continueLook, lookForExpiring } from './look-for-expiring.ts'

const CheckInput = z.strictObject({})
const CheckOutput = z.strictObject({
  told: z.int(),
  /** False: there is more to look at than one request can do. It goes on by itself. */
  complete: z.boolean(),
})

interface Invocation<Context> {
  readonly context: Context
  readonly call: Call
}

interface Definition<Context, Input extends z.ZodType, Output extends z.ZodType> {
  readonly name: string
  readonly description: string
  readonly input: Input
  readonly output: Output
  readonly concerns: readonly Concern<z.output<Input>, z.output<Output>>[]
  run(input: z.output<Input>, invocation: Invocation<Context>): Promise<z.output<Output>>
}

export interface ExpiringPlace<Context, Guard extends AnyTable> {
  readonly place: ExpiryPlace
  /** What expires there, in the plural: for the descriptions of the operations. */
  readonly what: string
  /** The path of the operation that looks on demand. */
  readonly path: string
  /** Who may look on demand, and what is counted. */
  readonly concerns: readonly Concern<z.output<typeof CheckInput>, z.output<typeof CheckOutput>>[]
  source(context: Context, signal: AbortSignal): ExpirySource<Guard>
}

/**
 * The three operations that look for certificates of one place that expire: on demand, at regular times, and the next step of a look that one
 * call cannot finish. They are definitions; the service of the place makes them its own with its `operation` function.
 */
export function expiryOperations<Context extends ExpiryContext<Guard>, Guard extends AnyTable>({
  place,
  what,
  path,
  concerns,
  source,
}: ExpiringPlace<Context, Guard>) {
  const check = {
    name: 'check_expiries',
    description: `Publishes certificate_expiring for ${what} that expire soon or have expired, once for each threshold.`,
    input: CheckInput,
    output: CheckOutput,
    http: { method: 'POST', path },
    concerns: [...concerns, traceOperation({ operationName: 'check_expiries' }), idempotent({ afterwards: true })],
    run: (_input, { context, call }) => lookForExpiring(context, source(context, call.signal), 'anew', call),
  } as const satisfies Definition<Context, typeof CheckInput, typeof CheckOutput> & { readonly http: object }
  /** Thresholds are whole days; each is published within six hours. */
  const watch: Definition<Context, typeof CheckInput, z.ZodUndefined> = {
    name: 'watch_expiries',
    description: `Looks at regular times for ${what} that expire.`,
    input: CheckInput,
    output: z.undefined(),
    concerns: [scheduled({ everyMinutes: 360 }), traceOperation({ operationName: 'check_expiries' })],
    async run(_input, { context, call }) {
      await lookForExpiring(context, source(context, call.signal), 'resume', call)
      return undefined
    },
  }
  const input = eventInput(expiryLookContinued)
  const proceed: Definition<Context, typeof input, z.ZodUndefined> = {
    name: 'continue_expiries',
    description: `Does the next step of a look for ${what} that expire.`,
    input,
    output: z.undefined(),
    concerns: [
      eventHandler({
        eventType: 'expiry_look_continued',
        filter: ({ data }) => data.place === place,
        retryAttempts: 10,
        asyncProcessing: true,
      }),
      traceOperation({ operationName: 'continue_expiries' }),
    ],
    async run({ data }, { context, call }) {
      await continueLook(context, source(context, call.signal), data, call)
      return undefined
    },
  }
  return { check, watch, proceed }
}
