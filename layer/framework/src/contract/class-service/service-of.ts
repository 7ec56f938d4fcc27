import type * as z from 'zod'
import { defined } from '../../defined.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Age, HealthResult } from '../../health/health.ts'
import type { Concern } from '../operation/concern.ts'
import { type DecoratedMethod, decoratedMethod } from '../operation/decorated-method.ts'
import { type AnyOperation, type Operation, serviceScope } from '../operation/operation.ts'
import type { PluginContext } from '../plugin-context.ts'
import { defineService, type Service } from '../service.ts'
import { declaredService, type ServiceClass, snakeCase } from './plugin-service.ts'
import type { ServiceOperationOptions } from './service-operation.ts'

/** The methods of an instance that can be operations, as operations. */
export type OperationsOf<Instance> = {
  // biome-ignore lint/suspicious/noExplicitAny: matches methods of any type.
  readonly [K in keyof Instance as Instance[K] extends (input: any, invocation: any) => Promise<unknown>
    ? Exclude<K, 'initialize' | 'healthCheck' | 'ages'>
    : never]: // biome-ignore lint/suspicious/noExplicitAny: as above.
  Instance[K] extends (input: infer In, invocation: any) => Promise<infer Out>
    ? Operation<z.ZodType<In>, z.ZodType<Out>>
    : never
}

/** What an instance may have beside its operations. */
interface ServiceInstance {
  /** Runs once, before the first operation. One that fails is tried again by the next call. */
  initialize?(): Promise<void>
  /** As `healthCheck` of `defineService`. */
  healthCheck?(): Promise<HealthResult>
  /** As `ages` of `defineService`. */
  ages?(options: { readonly signal: AbortSignal }): Promise<Readonly<Record<string, Age>>>
}

/**
 * The service of a class that is declared with decorators (`pluginService`, `serviceOperation`, concerns). It is what `defineService` gives: routes, IAM, OpenAPI,
 * metrics and permissions are derived from it. One instance is made for each context, with `(context, config)`, when the first operation runs.
 *
 * @param name the name once more, for the type: `getService('document_signer')` knows its methods then
 * @throws {MmfError} `concern_invalid` when the class is not a service, or the name another one; what `serviceScope` and `defineService` throw
 */
export function serviceOf<C extends ServiceClass, const Name extends string = string>(
  target: C,
  name?: Name,
): Service<Name, OperationsOf<InstanceType<C>>> {
  const declared = declaredService(target)
  const className = target?.name ?? String(target)
  if (declared === undefined) {
    throw new MmfError('concern_invalid', { detail: `${className} is not declared with pluginService` })
  }
  if (name !== undefined && name !== declared.name) {
    throw new MmfError('concern_invalid', { detail: `${className} is the service ${declared.name}, not ${name}` })
  }
  const instanceOf = instances(target)
  const operation = serviceScope<unknown>()(declared.name, declared.scope ?? {})
  const operations = Object.fromEntries(
    methodsOf(target).map(([key, method]): [string, AnyOperation] => [
      key,
      operation({
        ...described(className, key, method),
        concerns: method.concerns as readonly Concern<unknown, unknown>[],
        async run(input, invocation) {
          return method.body.call(await instanceOf(invocation.context as PluginContext), input, invocation)
        },
      }),
    ]),
  )
  if (Object.keys(operations).length === 0) {
    throw new MmfError('concern_invalid', { detail: `${className} has no method with serviceOperation` })
  }
  const { description, alarms } = declared
  const { prototype } = target as { readonly prototype: ServiceInstance }
  const hasHealth = typeof prototype.healthCheck === 'function'
  const healthCheck = async (context: PluginContext): Promise<HealthResult> =>
    (await instanceOf(context)).healthCheck?.() ?? { status: 'healthy' }
  const ages: Service['ages'] = async (context, options) => (await instanceOf(context)).ages?.(options) ?? {}
  return defineService({
    name: declared.name,
    description,
    operations,
    ...defined({
      alarms,
      healthCheck: hasHealth ? healthCheck : undefined,
      ages: typeof prototype.ages === 'function' ? ages : undefined,
    }),
  }) as never
}

function described(
  className: string,
  key: string,
  method: DecoratedMethod,
): ServiceOperationOptions & { name: string } {
  if (method.operation === undefined) {
    throw new MmfError('concern_invalid', {
      detail: `${className}.${key} has concerns, and no serviceOperation that says its input and output`,
    })
  }
  const options = method.operation as ServiceOperationOptions
  return { ...options, name: options.name ?? snakeCase(key) }
}

/** Decorated methods of the class and of those it extends; the class itself wins. */
function methodsOf(target: ServiceClass): readonly (readonly [string, DecoratedMethod])[] {
  const found = new Map<string, DecoratedMethod>()
  for (let proto: object | null = target.prototype; proto !== null && proto !== Object.prototype; ) {
    for (const key of Object.getOwnPropertyNames(proto)) {
      const method = decoratedMethod(Object.getOwnPropertyDescriptor(proto, key)?.value)
      if (method !== undefined && !found.has(key)) found.set(key, method)
    }
    proto = Object.getPrototypeOf(proto)
  }
  return [...found]
}

/** One initialised instance for each context. */
function instances(target: ServiceClass): (context: PluginContext) => Promise<ServiceInstance> {
  const made = new WeakMap<PluginContext, Promise<ServiceInstance>>()
  const make = async (context: PluginContext): Promise<ServiceInstance> => {
    const instance: ServiceInstance = new target(context, context.config)
    await instance.initialize?.()
    return instance
  }
  return context => {
    const existing = made.get(context)
    if (existing !== undefined) return existing
    const making = make(context)
    made.set(context, making)
    making.catch(() => made.delete(context))
    return making
  }
}
