import { MmfError } from '../../errors/mmf-error.ts'
import type { AlarmDefinition } from '../alarm.ts'
import { checkName } from '../concerns/check-option.ts'
import type { Scope } from '../scope.ts'
import type { ScopedContext } from '../scoped-context.ts'

export interface PluginServiceOptions<S extends Scope = Scope> {
  /** snake_case; default the name of the class without `Service`: `DocumentSignerService` is `document_signer`. Say it where a minifier renames classes. */
  readonly name?: string
  readonly description: string
  /** Everything that the service may touch; default nothing. */
  readonly scope?: S
  /** Default none. */
  readonly alarms?: readonly AlarmDefinition[]
}

/** A class whose instances serve: constructed with its context and the checked configuration of the plugin. */
// biome-ignore lint/suspicious/noExplicitAny: the context's type follows from the scope, the configuration's from the plugin.
export type ServiceClass<Context = any, Config = any> = new (context: Context, config: Config) => object

// A registered symbol: the layer and a plugin may hold two copies of this module.
const declared = Symbol.for('mmf.service')

/** What `pluginService` says about this class itself; a class does not inherit it. */
export function declaredService(target: ServiceClass): (PluginServiceOptions & { readonly name: string }) | undefined {
  return Object.hasOwn(target, declared) ? (target as never)[declared] : undefined
}

/**
 * Declares that a class is a service; {@link serviceOf} makes the service of it. A standard (TC39) class decorator.
 * @throws {MmfError} `concern_invalid`
 */
export function pluginService<const S extends Scope = Record<never, never>>(options: PluginServiceOptions<S>) {
  // biome-ignore lint/suspicious/noExplicitAny: the type of the configuration is the plugin's.
  return <C extends ServiceClass<ScopedContext<any, S>>>(target: C, context: ClassDecoratorContext): void => {
    if (typeof target !== 'function' || context?.kind !== 'class') {
      throw new MmfError('concern_invalid', {
        detail: 'pluginService: a class is expected, and standard (TC39) decorators',
      })
    }
    const { name = snakeCase(context.name ?? '') } = options
    checkName('pluginService', 'name', name)
    if (typeof options.description !== 'string' || options.description === '') {
      throw new MmfError('concern_invalid', { detail: `pluginService: ${name} needs a description` })
    }
    Object.defineProperty(target, declared, { value: { ...options, name } })
  }
}

export function snakeCase(name: string): string {
  return name
    .replace(/Service$/, '')
    .replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3_$2')
    .toLowerCase()
}
