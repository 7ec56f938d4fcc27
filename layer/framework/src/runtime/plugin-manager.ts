import { didYouMean } from '../config/did-you-mean.ts'
import type { PlatformContext } from '../contract/platform-context.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import type { PluginHealth, PluginReadiness } from '../health/health.ts'
import { type DependencyNode, dependantsOf, orderByDependencies } from './dependency-graph.ts'
import type { PluginDiscoverer } from './discovery/discoverer.ts'
import { frameworkVersion } from './framework-version.ts'
import { checkManifest, type HostVersions, manifestOf, type PluginManifest } from './manifest.ts'
import type { MMFPlugin } from './mmf-plugin.ts'
import { pluginError } from './plugin-error.ts'
import { nodeOf, type PluginInfo, type PluginRecord, type PluginResult, pluginInfo, resultOf } from './plugin-record.ts'
import { PluginRunner, type PluginSettings } from './plugin-runner.ts'
import { ServiceRegistry } from './service-registry.ts'
import type { PluginState } from './state-machine.ts'
import { watchLifecycle } from './watch-lifecycle.ts'

export interface PluginManagerOptions {
  /** The `plugins` section of the base configuration. */
  readonly settings?: Partial<PluginSettings>
  /** Default: a registry of its own. */
  readonly registry?: ServiceRegistry
  /** Names this manager in metrics and log lines of transitions, such as `marty.pkd`, a function. Default `host`. */
  readonly name?: string
  /** What manifests are compared with. Default: this framework and this Node. */
  readonly host?: HostVersions
}

const defaults: PluginSettings = {
  enabled: true,
  start_timeout_seconds: 30,
  stop_timeout_seconds: 10,
  health_timeout_seconds: 5,
  readiness_seconds: 60,
  degraded_is_ready: true,
}

/**
 * Loads, starts and stops plugins. A failing plugin goes to the state `error` and stays visible there; it never keeps back one that
 * does not need it. Every error names the plugin.
 */
export class PluginManager {
  readonly registry: ServiceRegistry
  readonly #enabled: PluginSettings['enabled']
  readonly #runner: PluginRunner
  readonly #platform: PlatformContext
  readonly #name: string
  readonly #records = new Map<string, PluginRecord>()
  /** By plugin: what ends the watching of its transitions. */
  readonly #watching = new Map<string, () => void>()
  /** In the order they were started. */
  readonly #started: string[] = []

  constructor(platform: PlatformContext, options: PluginManagerOptions = {}) {
    const settings = { ...defaults, ...options.settings }
    const host = options.host ?? { mmf: frameworkVersion, node: process.versions.node }
    this.registry = options.registry ?? new ServiceRegistry()
    this.#enabled = settings.enabled
    this.#platform = platform
    this.#name = options.name ?? 'host'
    this.#runner = new PluginRunner(platform, settings, host, this.registry)
  }

  /**
   * Makes a plugin known under its name; nothing of it runs.
   * @throws {MmfError} `plugin_duplicate`; `manifest_invalid` when the name or the manifest is not that of the code
   */
  registerPlugin(
    name: string,
    plugin: MMFPlugin,
    options: { readonly manifest?: PluginManifest; readonly path?: string | undefined } = {},
  ): void {
    const { definition } = plugin
    if (this.#records.has(name)) throw new MmfError('plugin_duplicate', { detail: name, members: { plugin: name } })
    if (definition.name !== name) {
      const detail = `"${name}": the plugin calls itself "${definition.name}"`
      throw new MmfError('manifest_invalid', { detail, members: { plugin: name } })
    }
    const manifest = options.manifest ?? manifestOf(definition)
    checkManifest(manifest, definition)
    const since = this.#platform.clock.now().toISOString()
    const record: PluginRecord = { name, plugin, manifest, since, touched: false, path: options.path }
    this.#records.set(name, record)
    this.#watching.set(name, watchLifecycle(record, this.#platform, this.#name))
  }

  /** Registers and loads a plugin. @throws {MmfError} what `registerPlugin` and `loadPlugin` throw */
  async loadPluginInstance(
    plugin: MMFPlugin,
    name: string,
    options: { readonly manifest?: PluginManifest; readonly path?: string | undefined } = {},
  ): Promise<void> {
    this.registerPlugin(name, plugin, options)
    await this.loadPlugin(name)
  }

  /**
   * Checks everything that can be checked before the plugin runs: versions, dependencies, configuration. The plugin is then `loaded`, or `disabled`
   * where the configuration says so.
   * @throws {MmfError} `plugin_not_found`, `plugin_illegal_transition`, `plugin_incompatible`, `plugin_dependency_missing`,
   * `plugin_dependency_cycle`, `config_…`; the plugin is then in state `error`
   */
  async loadPlugin(name: string): Promise<void> {
    await this.#runner.load(this.#record(name), orderByDependencies(this.#nodes()).problems.get(name))
  }

  /**
   * Initializes and starts a loaded plugin and registers its services.
   * @throws {MmfError} `plugin_not_found`, `plugin_illegal_transition`, `plugin_dependency_missing` when a plugin it needs is not active;
   * `plugin_failed`, also when it takes longer than `start_timeout_seconds`
   */
  async startPlugin(name: string): Promise<void> {
    const record = this.#record(name)
    record.plugin.lifecycle.check('initialize')
    const inactive = Object.keys(record.manifest.dependencies).filter(needed => this.#status(needed) !== 'active')
    if (inactive.length > 0) {
      const states = inactive.map(needed => `${needed} (${this.#status(needed) ?? 'not there'})`).join(', ')
      const members = { plugin: name, missing: inactive }
      record.error = new MmfError('plugin_dependency_missing', { detail: `${name} needs ${states}`, members })
      throw record.error
    }
    await this.#runner.start(record)
    this.#started.push(name)
  }

  /**
   * Stops an active plugin, or releases what a failed one holds.
   * @throws {MmfError} `plugin_not_found`, `plugin_illegal_transition`, `plugin_in_use` while an active plugin needs it, `plugin_failed`
   */
  async stopPlugin(name: string): Promise<void> {
    const record = this.#record(name)
    this.#refuseWhileUsed(name)
    const position = this.#started.indexOf(name)
    if (position >= 0) this.#started.splice(position, 1)
    await this.#runner.stop(record)
  }

  /** Loads what is not loaded and starts what can be started, each after what it needs. Never throws for a single plugin. */
  async startAllPlugins(): Promise<readonly PluginResult[]> {
    await this.#loadAll([...this.#records.keys()])
    const { order } = orderByDependencies(this.#nodes())
    for (const name of order) {
      const record = this.#record(name)
      if (record.plugin.lifecycle.possible.includes('initialize')) await this.startPlugin(name).catch(keptInRecord)
    }
    return [...this.#records.values()].map(resultOf)
  }

  /** Stops every plugin that runs or holds something, in the reverse order of starting. One that fails does not stop the others. */
  async stopAllPlugins(): Promise<readonly PluginResult[]> {
    const halfway = [...this.#records.values()].filter(record => record.touched).map(record => record.name)
    const names = new Set([...halfway.filter(name => !this.#started.includes(name)), ...this.#started.toReversed()])
    const results: PluginResult[] = []
    for (const name of names) {
      await this.stopPlugin(name).catch(keptInRecord)
      results.push(resultOf(this.#record(name)))
    }
    return results
  }

  /**
   * Stops a plugin where it runs, and forgets it. A plugin that fails to stop is forgotten all the same; the error is logged.
   * @throws {MmfError} `plugin_not_found`; `plugin_in_use` while an active plugin needs it
   */
  async unloadPlugin(name: string): Promise<void> {
    const record = this.#record(name)
    this.#refuseWhileUsed(name)
    const { lifecycle } = record.plugin
    if (record.touched && lifecycle.possible.includes('stop')) await this.stopPlugin(name).catch(keptInRecord)
    if (lifecycle.state !== 'unloaded') lifecycle.send('unload')
    this.#forget(name)
  }

  /**
   * Loads a plugin afresh, in another instance where one is given, and starts it if it was active. Where the new instance fails, the old one
   * is put back as it was.
   * @throws {MmfError} `plugin_not_found`, `plugin_in_use`, and what loading and starting throw
   */
  async reloadPlugin(
    name: string,
    replacement?: MMFPlugin,
    options: { readonly manifest?: PluginManifest } = {},
  ): Promise<void> {
    const { plugin, manifest, path } = this.#record(name)
    const wasActive = plugin.status === 'active'
    const place = { path }
    await this.unloadPlugin(name)
    const restore = async (instance: MMFPlugin, known: { manifest?: PluginManifest }) => {
      await this.loadPluginInstance(instance, name, { ...known, ...place })
      if (wasActive && instance.status === 'loaded') await this.startPlugin(name)
    }
    if (replacement === undefined || replacement === plugin) return restore(plugin, { manifest })
    try {
      await restore(replacement, options)
    } catch (error) {
      if (this.#records.has(name)) await this.unloadPlugin(name)
      await restore(plugin, { manifest })
      throw error
    }
  }

  /**
   * Registers and loads what a discoverer finds. Problems are in the answer, one result per plugin or place; names that the setting `enabled` lists and that
   * were not found are among them.
   */
  async discoverPlugins(discoverer: PluginDiscoverer): Promise<readonly PluginResult[]> {
    const { plugins, problems } = await discoverer.discover()
    const failures = problems.map(({ source, error }): PluginResult => ({ name: source, status: 'error', error }))
    const found: string[] = []
    for (const { name, manifest, path, load } of plugins) {
      try {
        this.registerPlugin(name, await load(), { manifest, path })
        found.push(name)
      } catch (error) {
        failures.push({ name, status: 'error', error: pluginError(name, 'load', error) })
      }
    }
    await this.#loadAll(found)
    for (const name of Array.isArray(this.#enabled) ? this.#enabled : []) {
      if (this.#records.has(name) || failures.some(failure => failure.name === name)) continue
      const detail = `${name}: it is enabled, but was not found`
      failures.push({ name, status: 'error', error: new MmfError('plugin_not_found', { detail }) })
    }
    return [...found.map(name => resultOf(this.#record(name))), ...failures]
  }

  /** @throws {MmfError} `plugin_not_found` */
  getPlugin(name: string): MMFPlugin {
    return this.#record(name).plugin
  }

  listPlugins(): readonly PluginInfo[] {
    return [...this.#records.values()].map(pluginInfo)
  }

  /** @throws {MmfError} `plugin_not_found` */
  getPluginInfo(name: string): PluginInfo {
    return pluginInfo(this.#record(name))
  }

  /** @throws {MmfError} `plugin_not_found` */
  getPluginStatus(name: string): PluginState {
    return this.#record(name).plugin.status
  }

  /** The plugin's manifest, or what stands for it. @throws {MmfError} `plugin_not_found` */
  getPluginMetadata(name: string): PluginManifest {
    return this.#record(name).manifest
  }

  /** The health of every plugin that is not disabled, from checks made now. A check that throws or hangs is unhealthy. */
  async getHealthStatus(): Promise<Readonly<Record<string, PluginHealth>>> {
    const records = [...this.#records.values()].filter(({ plugin }) => plugin.status !== 'disabled')
    return Object.fromEntries(
      await Promise.all(records.map(async record => [record.name, await this.#runner.health(record)])),
    )
  }

  /** The health of one plugin, from checks made now. @throws {MmfError} `plugin_not_found` */
  async getPluginHealth(name: string): Promise<PluginHealth> {
    return this.#runner.health(this.#record(name))
  }

  /** What the services of every plugin that is not disabled can do now: see `MMFPlugin.readiness`. */
  async getReadiness(): Promise<Readonly<Record<string, PluginReadiness>>> {
    const records = [...this.#records.values()].filter(({ plugin }) => plugin.status !== 'disabled')
    return Object.fromEntries(
      await Promise.all(records.map(async ({ name, plugin }) => [name, await plugin.readiness()] as const)),
    )
  }

  /** Stops and forgets every plugin. What failed is in the answer. */
  async shutdownAll(): Promise<readonly PluginResult[]> {
    const results = await this.stopAllPlugins()
    for (const { name, plugin } of [...this.#records.values()]) {
      if (plugin.lifecycle.possible.includes('unload')) plugin.lifecycle.send('unload')
      this.#forget(name)
    }
    return results
  }

  #forget(name: string): void {
    this.#watching.get(name)?.()
    this.#watching.delete(name)
    this.#records.delete(name)
  }

  #record(name: string): PluginRecord {
    const record = this.#records.get(name)
    if (record !== undefined) return record
    const near = didYouMean(name, this.#records.keys())
    const detail = near === undefined ? name : `${name}; did you mean "${near}"?`
    throw new MmfError('plugin_not_found', { detail })
  }

  #status(name: string): PluginState | undefined {
    return this.#records.get(name)?.plugin.status
  }

  #nodes(): readonly DependencyNode[] {
    return [...this.#records.values()].map(nodeOf)
  }

  /** Loads those that are not loaded, in the order of their dependencies; those that the graph refuses get their error. */
  async #loadAll(names: readonly string[]): Promise<void> {
    const { order, problems } = orderByDependencies(this.#nodes())
    for (const name of [...order, ...problems.keys()]) {
      if (names.includes(name) && this.#status(name) === 'unloaded') await this.loadPlugin(name).catch(keptInRecord)
    }
  }

  #refuseWhileUsed(name: string): void {
    const users = dependantsOf(name, this.#nodes()).filter(user => this.#status(user) === 'active')
    if (users.length === 0) return
    const detail = `${name} is needed by ${users.join(', ')}`
    throw new MmfError('plugin_in_use', { detail, members: { plugin: name, users } })
  }
}

/** The error of one plugin is in its record and in the log; the others go on. Anything else is a fault of ours. */
function keptInRecord(error: unknown): void {
  if (!isMmfError(error)) throw error
}
