import type * as z from 'zod'
import { MmfError } from '../errors/mmf-error.ts'
import type { Age, HealthResult } from '../health/health.ts'
import type { AlarmDefinition } from './alarm.ts'
import type { Call } from './call.ts'
import { cacheInvalidations } from './concerns/cache-invalidation.ts'
import type { AnyOperation, Operation } from './operation/operation.ts'
import type { PluginContext } from './plugin-context.ts'

export type Operations = Readonly<Record<string, AnyOperation>>

/** A service of a plugin: a name and its operations. What it may touch is in the scope of its operations. */
export interface Service<Name extends string = string, Ops extends Operations = Operations> {
  readonly name: Name
  readonly description: string
  readonly operations: Ops
  /** A check beyond the ports that the scope names (those are always checked). */
  readonly healthCheck?: (context: PluginContext) => Promise<HealthResult>
  /**
   * How old what the service relies on is, by name, for `GET /ready`. The answer is public, and given to many for a minute. It must end with the signal; one that
   * throws makes the service unhealthy.
   */
  readonly ages?: (
    context: PluginContext,
    options: { readonly signal: AbortSignal },
  ) => Promise<Readonly<Record<string, Age>>>
  /** When a person must act, beside what every service is watched for. */
  readonly alarms?: readonly AlarmDefinition[]
}

/**
 * A service as data. Operations that forget stored answers (`cacheResult` with `invalidateOn`) are added to those that are given.
 * @throws {TypeError} for an operation of another service, or two alarms of one name
 */
export function defineService<const Name extends string, Ops extends Operations>(
  definition: Service<Name, Ops>,
): Service<Name, Ops> {
  for (const operation of Object.values(definition.operations ?? {})) {
    if (operation.service !== definition.name) {
      throw new MmfError('declaration_invalid', {
        detail: `operation ${operation.name} belongs to ${operation.service}, not to ${definition.name}`,
      })
    }
  }
  const names = (definition.alarms ?? []).map(({ name }) => name)
  if (new Set(names).size !== names.length)
    throw new MmfError('declaration_invalid', { detail: `two alarms of ${definition.name} have one name` })
  const invalidations = cacheInvalidations(Object.values(definition.operations))
  if (Object.keys(invalidations).length === 0) return definition
  return { ...definition, operations: { ...definition.operations, ...invalidations } }
}

/** What `plugin.getService(name)` gives: each operation as a method taking domain values and the call. */
export type ServiceClient<S extends Service> = {
  readonly [K in keyof S['operations']]: S['operations'][K] extends Operation<infer I, infer O>
    ? (input: z.output<I>, call: Call) => Promise<z.output<O>>
    : never
}

/** Binds a service to its context: one, or that which the function answers at each call. */
export function serviceClient<S extends Service>(
  service: S,
  context: PluginContext | (() => PluginContext),
): ServiceClient<S> {
  const contextNow = typeof context === 'function' ? context : () => context
  const methods = Object.entries(service.operations).map(([name, operation]) => [
    name,
    async (input: unknown, call: Call) => operation.call(input, { context: contextNow(), call }),
  ])
  return Object.freeze(Object.fromEntries(methods)) as ServiceClient<S>
}
