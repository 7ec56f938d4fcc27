import type { PluginDefinition } from '../contract/define-plugin.ts'
import type { PlatformContext } from '../contract/platform-context.ts'
import type { PluginContext } from '../contract/plugin-context.ts'
import { type Service, type ServiceClient, serviceClient } from '../contract/service.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { checkPlugin, checkPorts } from '../health/check-health.ts'
import { checkReadiness, hasReadiness } from '../health/check-readiness.ts'
import type { PluginHealth, PluginReadiness } from '../health/health.ts'
import type { Logger } from '../observability/observability.ts'
import { createServiceContext } from './create-plugin-context.ts'
import { PluginLifecycle, type PluginState } from './state-machine.ts'

type NamedService<Definition extends PluginDefinition, Name extends string> = Extract<
  Definition['services'][number],
  { readonly name: Name }
>

/** What a plugin has between `initialize` and `stop`. */
interface Running {
  readonly platform: PlatformContext
  readonly context: PluginContext
  readonly contexts: ReadonlyMap<string, PluginContext>
  readonly clients: ReadonlyMap<string, unknown>
}

/**
 * The base class of plugins. A plugin names its definition and, where it has something to prepare or release, overrides `onInitialize`, `onStart` and
 * `onStop`. It may also override `initialize`, `start` and `stop` themselves; those must call `super`.
 *
 * ```ts
 * export class MartyTrustPKIPlugin extends MMFPlugin<typeof marty> {
 *   readonly definition = marty
 * }
 * ```
 */
export abstract class MMFPlugin<Definition extends PluginDefinition = PluginDefinition> {
  abstract readonly definition: Definition
  /** The plugin's state and its table of transitions. The plugin manager drives it. */
  readonly lifecycle = new PluginLifecycle(() => this.definition.name)
  #running: Running | undefined

  get metadata(): Pick<Definition, 'name' | 'title' | 'version' | 'description'> {
    const { name, title, version, description } = this.definition
    return { name, title, version, description }
  }

  get status(): PluginState {
    return this.lifecycle.state
  }

  /**
   * The plugin's own view of the platform: what its services declared, together. Each service has a narrower one. Where the host takes over a saved
   * configuration it is another object from then on: a plugin that keeps a context keeps the configuration of that time.
   * @throws {MmfError} `plugin_not_initialized` before `initialize` and after `stop`
   */
  get context(): PluginContext {
    return this.#now().context
  }

  /** Log lines carry the plugin's name. @throws {MmfError} `plugin_not_initialized` */
  get logger(): Logger {
    return this.#now().context.observability.logger.child({ plugin: this.definition.name })
  }

  /**
   * Reads the plugin's configuration and makes the contexts of its services. A plugin that no manager loaded is loaded by it.
   * @throws {MmfError} `plugin_illegal_transition`; what reading the configuration and `onInitialize` throw
   */
  async initialize(platform: PlatformContext): Promise<void> {
    if (this.status === 'unloaded') {
      this.lifecycle.send('load')
      this.lifecycle.send('loaded')
    }
    this.lifecycle.send('initialize')
    await this.#orFail(async () => {
      this.#running = this.#run(platform, await platform.pluginConfig(this.definition.name))
      await this.onInitialize(this.#running.context)
    })
  }

  /** Makes the plugin active. @throws {MmfError} `plugin_not_initialized`, `plugin_illegal_transition`; what `onStart` throws */
  async start(): Promise<void> {
    const { context } = this.#now()
    this.lifecycle.check('started')
    await this.#orFail(async () => {
      await this.onStart(context)
      this.lifecycle.send('started')
    })
  }

  /** Stops the plugin and takes its context away. @throws {MmfError} `plugin_illegal_transition`; what `onStop` throws */
  async stop(): Promise<void> {
    this.lifecycle.send('stop')
    await this.#orFail(async () => {
      if (this.#running !== undefined) await this.onStop(this.#running.context)
      this.lifecycle.send('stopped')
    })
    this.#running = undefined
  }

  /** A status per service, from checks made now. A plugin that is not active is unhealthy, and so are its services. Never throws. */
  async healthCheck(): Promise<PluginHealth> {
    const running = this.#running
    if (this.status !== 'active' || running === undefined) return this.#inactive()
    const ports = await checkPorts(running.platform.checks)
    return checkPlugin(this.definition, service => this.contextOf(service), ports)
  }

  /**
   * What each service that signs, or relies on what grows old, can do: a canary is signed and verified, ages are in the answer. Each call costs a call of the key service for
   * each key. Never throws.
   */
  async readiness(): Promise<PluginReadiness> {
    if (this.status === 'active' && this.#running !== undefined)
      return checkReadiness(this.definition, service => this.contextOf(service))
    const asked = this.definition.services.filter(hasReadiness)
    const result = { status: 'unhealthy', reason: `the plugin is ${this.status}` } as const
    return Object.fromEntries(asked.map(({ name }) => [name, result]))
  }

  /**
   * A service of this plugin: its operations as methods, with their concerns applied.
   * @throws {MmfError} `service_unknown`, `plugin_not_initialized`
   */
  getService<const Name extends Definition['services'][number]['name']>(
    name: Name,
  ): ServiceClient<NamedService<Definition, Name>> {
    if (!this.definition.services.some(service => service.name === name)) throw this.#unknownService(name)
    return this.#now().clients.get(name) as ServiceClient<NamedService<Definition, Name>>
  }

  /** The context of one service: the platform cut down to what that service declared. @throws {MmfError} `service_unknown`, `plugin_not_initialized` */
  contextOf(service: Pick<Service, 'name'>): PluginContext {
    const context = this.#now().contexts.get(service.name)
    if (context === undefined) throw this.#unknownService(service.name)
    return context
  }

  getServiceDefinitions(): Definition['services'] {
    return this.definition.services
  }

  getConfigurationSchema(): Definition['config'] {
    return this.definition.config
  }

  /** Override point: prepare what the services need. Nothing is served yet. */
  protected async onInitialize(_context: PluginContext): Promise<void> {}

  /** Override point: begin to work. */
  protected async onStart(_context: PluginContext): Promise<void> {}

  /** Override point: release what was prepared. Also called for a plugin that failed halfway. */
  protected async onStop(_context: PluginContext): Promise<void> {}

  /** With the configuration that is current now. Contexts are never changed: who holds one goes on with what it began with. */
  #now(): Running {
    if (this.#running !== undefined) {
      const { platform, context } = this.#running
      const config = platform.currentConfig?.(this.definition.name) ?? context.config
      if (config !== context.config) this.#running = this.#run(platform, config)
      return this.#running
    }
    throw new MmfError('plugin_not_initialized', {
      detail: `${this.definition.name} is ${this.status}; initialize(platform) gives it its context`,
      members: { plugin: this.definition.name, state: this.status },
    })
  }

  #run(platform: PlatformContext, config: unknown): Running {
    const { definition } = this
    const { services } = definition
    return {
      platform,
      contexts: new Map(
        services.map(service => [service.name, createServiceContext(platform, definition, service, config)]),
      ),
      clients: new Map(services.map(service => [service.name, serviceClient(service, () => this.contextOf(service))])),
      context: createServiceContext(platform, definition, whole(definition), config),
    }
  }

  async #orFail(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.lifecycle.possible.includes('fail')) this.lifecycle.send('fail')
      throw error
    }
  }

  #inactive(): PluginHealth {
    const { title, services } = this.definition
    const result = { status: 'unhealthy', reason: `the plugin is ${this.status}` } as const
    return { plugin: title, ...result, services: Object.fromEntries(services.map(({ name }) => [name, result])) }
  }

  #unknownService(name: string): MmfError {
    const known = this.definition.services.map(service => service.name)
    return new MmfError('service_unknown', {
      detail: `${this.definition.name} has no service "${name}"; it has ${known.join(', ')}`,
    })
  }
}

/**
 * A plugin as an instance.
 * @param Plugin its class, whose hooks then run; the instance has `definition`, which may hold only some of the services that the class names.
 * Default: a plugin needs no class of its own
 */
export function pluginOf<Definition extends PluginDefinition>(
  definition: Definition,
  Plugin?: new () => MMFPlugin,
): MMFPlugin<Definition> {
  if (Plugin !== undefined) {
    const value = { value: definition, enumerable: true }
    return Object.defineProperty(new Plugin(), 'definition', value) as MMFPlugin<Definition>
  }
  return new (class extends MMFPlugin<Definition> {
    readonly definition = definition
  })()
}

/** All operations of a plugin as one service: its scope is the union of theirs. */
function whole({ name, description, services }: PluginDefinition): Service {
  const operations = services.flatMap(service =>
    Object.entries(service.operations).map(([key, operation]) => [`${service.name}.${key}`, operation] as const),
  )
  return { name, description, operations: Object.fromEntries(operations) }
}
