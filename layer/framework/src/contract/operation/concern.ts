import type { Call } from '../call.ts'
import type { PluginContext } from '../plugin-context.ts'
import type { Declaration } from './declaration.ts'

/** What a method receives beside its input. */
export interface Invocation<Context extends PluginContext = PluginContext> {
  readonly context: Context
  readonly config: Context['config']
  readonly call: Call
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

/** Makes a concern of a wrapper. As a decorator it keeps `this`. */
export function concern<Input, Output>(
  declares: Declaration,
  around: (next: Method<Input, Output>, input: Input, invocation: Invocation) => Promise<Output>,
): Concern<Input, Output> {
  const wrap = (next: Method<Input, Output>): Method<Input, Output> =>
    async function (this: unknown, input, invocation) {
      return around((i, v) => next.call(this, i, v), input, invocation)
    }
  return Object.assign(wrap, { declares })
}
