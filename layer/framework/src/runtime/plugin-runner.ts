import type { BaseConfig } from '../config/base-schema.ts'
import type { PluginConfig } from '../config/plugin-config.ts'
import type { PlatformContext } from '../contract/platform-context.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { PluginHealth } from '../health/health.ts'
import type { Logger } from '../observability/observability.ts'
import { checkCompatibility, type HostVersions } from './manifest.ts'
import { type PluginPhase, pluginError, withinSeconds } from './plugin-error.ts'
import type { PluginRecord } from './plugin-record.ts'
import { declaredHosts } from './scoped/declared-hosts.ts'
import type { ServiceRegistry } from './service-registry.ts'

/** The `plugins` section of the base configuration, as far as a running plugin is concerned. */
export type PluginSettings = Omit<BaseConfig['plugins'], 'discovery_paths' | 'resources'>

/** Takes one plugin through the phases of its life, each within its time. What fails is kept in the record, logged and thrown. */
export class PluginRunner {
  readonly #platform: PlatformContext
  readonly #settings: PluginSettings
  readonly #host: HostVersions
  readonly #registry: ServiceRegistry

  constructor(platform: PlatformContext, settings: PluginSettings, host: HostVersions, registry: ServiceRegistry) {
    this.#platform = platform
    this.#settings = settings
    this.#host = host
    this.#registry = registry
  }

  /** To `loaded` or `disabled`. `problem` is what the dependency graph has against the plugin. */
  async load(record: PluginRecord, problem: MmfError | undefined): Promise<void> {
    const { lifecycle } = record.plugin
    lifecycle.send('load')
    delete record.error
    if (!this.#selected(record)) {
      this.#logger(record).debug('not selected', () => ({ enabled: this.#settings.enabled }))
      lifecycle.send('disable')
      return
    }
    await this.#phase(record, 'load', this.#settings.start_timeout_seconds, async () => {
      checkCompatibility(record.manifest, this.#host)
      if (problem !== undefined) throw problem
      const enabled = await this.#enabledByConfig(record)
      this.#logger(record).debug(enabled ? 'loaded' : 'switched off by its configuration')
      lifecycle.send(enabled ? 'loaded' : 'disable')
    })
  }

  /** To `active`, with its services registered. */
  async start(record: PluginRecord): Promise<void> {
    const { plugin } = record
    const seconds = this.#settings.start_timeout_seconds
    delete record.error
    record.touched = true
    await this.#phase(record, 'initialize', seconds, () => plugin.initialize(this.#platformFor(record)))
    await this.#phase(record, 'start', seconds, async () => {
      await plugin.start()
      if (plugin.status !== 'active') throw new TypeError('start() was overridden without a call of super.start()')
      this.#registerServices(record)
      this.#logger(record).debug('started', () => ({ services: plugin.definition.services.map(({ name }) => name) }))
    })
  }

  /** To `stopped`. Its services are gone first. */
  async stop(record: PluginRecord): Promise<void> {
    record.plugin.lifecycle.check('stop')
    this.#registry.unregisterPlugin(record.name)
    record.touched = false
    await this.#phase(record, 'stop', this.#settings.stop_timeout_seconds, async () => {
      await record.plugin.stop()
      if (record.plugin.status !== 'stopped')
        throw new TypeError('stop() was overridden without a call of super.stop()')
    })
  }

  /** A check made now. One that throws or hangs is unhealthy. */
  async health(record: PluginRecord): Promise<PluginHealth> {
    return { ...(await this.#checked(record)), state: record.plugin.status, since: record.since }
  }

  async #checked({ name, plugin, error }: PluginRecord): Promise<PluginHealth> {
    const seconds = this.#settings.health_timeout_seconds
    try {
      const health = await withinSeconds(seconds, name, 'health', () => plugin.healthCheck())
      return error === undefined ? health : { ...health, reason: `the plugin is ${plugin.status}: ${error.code}` }
    } catch (failure) {
      this.#log('plugin health check failed', pluginError(name, 'health', failure))
      const result = { status: 'unhealthy', reason: 'the health check failed' } as const
      const services = plugin.definition.services.map(service => [service.name, result] as const)
      return { plugin: plugin.definition.title, ...result, services: Object.fromEntries(services) }
    }
  }

  /** The platform as the manifest of this plugin leaves it. */
  #platformFor({ name, manifest }: PluginRecord): PlatformContext {
    const hosts = manifest.permissions?.egress
    if (hosts === undefined) return this.#platform
    return { ...this.#platform, egress: declaredHosts(this.#platform.egress, hosts, name) }
  }

  /** The names in `enabled` decide; where there are none, the manifest does. */
  #selected({ name, manifest }: PluginRecord): boolean {
    const { enabled } = this.#settings
    return Array.isArray(enabled) ? enabled.includes(name) : enabled && manifest.enabled
  }

  async #enabledByConfig({ name, manifest }: PluginRecord): Promise<boolean> {
    const { enabled, version } = (await this.#platform.pluginConfig(name)) as PluginConfig
    if (version !== undefined && version !== manifest.version) {
      const detail = `its configuration is for version ${version}, the plugin is ${manifest.version}`
      throw new MmfError('plugin_incompatible', { detail })
    }
    return enabled !== false
  }

  #registerServices({ name, plugin }: PluginRecord): void {
    for (const service of plugin.definition.services) {
      const client = plugin.getService(service.name)
      const check = service.healthCheck
      const healthCheck = { healthCheck: check === undefined ? undefined : () => check(plugin.contextOf(service)) }
      this.#registry.register({
        plugin: name,
        name: service.name,
        description: service.description,
        client,
        ...healthCheck,
      })
    }
  }

  async #phase(record: PluginRecord, phase: PluginPhase, seconds: number, work: () => Promise<void>): Promise<void> {
    const { name, plugin } = record
    try {
      await withinSeconds(seconds, name, phase, work)
    } catch (failure) {
      const error = pluginError(name, phase, failure)
      this.#registry.unregisterPlugin(name)
      if (plugin.lifecycle.possible.includes('fail')) plugin.lifecycle.send('fail')
      record.error = error
      this.#log('plugin failed', error)
      throw error
    }
  }

  #logger({ name, manifest }: PluginRecord): Logger {
    const about = { plugin: name, version: manifest.version }
    return this.#platform.observability.logger.child(about, 'framework.plugins')
  }

  #log(message: string, error: MmfError): void {
    this.#platform.observability.logger.error(message, { ...error.members, code: error.code, error })
  }
}
