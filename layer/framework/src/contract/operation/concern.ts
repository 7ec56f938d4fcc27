import type * as z from 'zod'
import type { Call } from '../call.ts'
import type { PluginContext } from '../plugin-context.ts'
import type { Declaration } from './declaration.ts'
import { decorating } from './decorated-method.ts'
import type { Repeatable } from './repeatable.ts'

/** What a concern knows of the operation that it surrounds. */
export interface AboutOperation {
  readonly service: string
  readonly name: string
  readonly input: z.ZodType
  readonly output: z.ZodType
  /** Whether a second run does no harm. */
  readonly repeatable: Repeatable
}

/** What a method receives beside its input. */
export interface Invocation<Context extends PluginContext = PluginContext> {
  readonly context: Context
  readonly config: Context['config']
  readonly call: Call
  /** Absent where a decorated method is called without an operation around it. */
  readonly operation?: AboutOperation | undefined
  /** Adds a metric label that only the body of the operation knows, e.g. `cache_hit`. */
  readonly label: (name: string, value: string) => void
  readonly labels: ReadonlyMap<string, string>
}

export type Method<Input, Output> = (input: Input, invocation: Invocation) => Promise<Output>

/**
 * A cross-cutting concern. The same value serves in an operation's `concerns` list and as a standard (TC39) method decorator.
 * `declares` is data for everything that is derived from operations.
 */
export interface Concern<Input, Output> {
  (next: Method<Input, Output>, context?: ClassMethodDecoratorContext): Method<Input, Output>
  readonly declares?: Declaration
}

/**
 * Makes a concern of a wrapper. As a decorator it keeps `this`, and the class can be made a service with {@link serviceOf}.
 */
export function concern<Input, Output>(
  declares: Declaration,
  around: (next: Method<Input, Output>, input: Input, invocation: Invocation) => Promise<Output>,
): Concern<Input, Output> {
  const wrap = (next: Method<Input, Output>, context?: ClassMethodDecoratorContext): Method<Input, Output> => {
    const method = async function (this: unknown, input: Input, invocation: Invocation): Promise<Output> {
      return around((i, v) => next.call(this, i, v), input, invocation)
    }
    return context === undefined ? method : decorating(method, next, context, made)
  }
  const made: Concern<Input, Output> = Object.assign(wrap, { declares })
  return made
}
