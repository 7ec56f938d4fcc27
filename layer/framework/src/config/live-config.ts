import type { Clock } from '../clock/clock.ts'
import type { PluginDefinition } from '../contract/define-plugin.ts'
import { defined } from '../defined.ts'
import type { MmfError } from '../errors/mmf-error.ts'
import type { ConfigurationStatus } from '../health/health.ts'
import type { Observability } from '../observability/observability.ts'
import type { BaseConfig } from './base-schema.ts'
import { changedSettings } from './config-set.ts'
import type { PluginConfig } from './plugin-config.ts'
import type { PluginConfigManager, ReloadResult } from './plugin-config-manager.ts'

/** Sections of the base configuration that take effect at once; every other one is read at the start only. */
const liveSections: ReadonlySet<string> = new Set(['logging', 'egress'])
/** Settings of every plugin that decide whether it starts. */
const startSettings: ReadonlySet<string> = new Set(['enabled', 'version'])

const baseName = 'base'

const configReloads = 'mmf_config_reloaded_total'

export interface LiveConfigOptions {
  readonly configs: Pick<PluginConfigManager, 'current' | 'reload'>
  readonly plugins: readonly PluginDefinition[]
  readonly clock: Clock
  readonly observability: Pick<Observability, 'logger' | 'metrics'>
  /** Prepares what a plugin needs for a configuration, such as its keys. What it throws refuses the configuration. */
  readonly prepare: (plugin: PluginDefinition, fresh: unknown) => Promise<void>
  /** Called with each base configuration that was taken over. */
  readonly onBase?: ((base: BaseConfig) => void) | undefined
}

/** The configuration in use, and what became of what was saved last. */
export interface LiveConfig {
  readonly current: (plugin: string) => unknown
  readonly base: () => BaseConfig
  readonly status: (plugin: string) => ConfigurationStatus
  /**
   * Reads all again and takes over what is good. Answers whether it should be tried again although nothing was saved: something that the new
   * configuration needs did not answer. Never throws.
   */
  refresh(): Promise<{ readonly again: boolean }>
}

/**
 * Takes over saved configurations. One that is refused is logged with file and line, and the last good one stays; settings that cannot change in
 * a running process are named. `configs` must have read `base` and each plugin.
 */
export function createLiveConfig(options: LiveConfigOptions): LiveConfig {
  const { configs, plugins, clock, observability } = options
  const logger = observability.logger.child({}, 'framework.config')
  const names = [baseName, ...plugins.map(({ name }) => name)]
  const now = () => clock.now().toISOString()
  const atStart = new Map(names.map(name => [name, configs.current(name)]))
  const states = new Map<string, ConfigurationStatus>(names.map(name => [name, { status: 'current', since: now() }]))

  async function accept(name: string, fresh: unknown): Promise<void> {
    const plugin = plugins.find(known => known.name === name)
    if (plugin === undefined) return
    const config = fresh as PluginConfig
    // What the plugin derives from its settings must not fail at a request.
    plugin.transport?.(config)
    plugin.publicUrl?.(config)
    await options.prepare(plugin, fresh)
  }

  function takenOver({ name, settings = [] }: ReloadResult): void {
    const restart = needRestart(name, changedSettings(atStart.get(name), configs.current(name)))
    states.set(name, { status: 'current', since: now(), ...(restart.length === 0 ? {} : { restart }) })
    logger.info('configuration reloaded', { configuration: name, settings })
    if (restart.length > 0) {
      logger.warn('settings take effect at the next start only', { configuration: name, settings: restart })
    }
    observability.metrics.count(configReloads, { configuration: name, outcome: 'applied' })
    if (name === baseName) options.onBase?.(configs.current(baseName) as BaseConfig)
  }

  function refused(name: string, error: MmfError): void {
    const known = states.get(name)
    const isNews = known?.status !== 'refused'
    states.set(name, {
      status: 'refused',
      since: isNews ? now() : known.since,
      error: { configuration: name, code: error.code },
      ...defined({ restart: known?.restart }),
    })
    logger.error('configuration refused; the last good one stays', { configuration: name, at: placesOf(error), error })
    observability.metrics.count(configReloads, { configuration: name, outcome: 'refused' })
  }

  return {
    current: name => configs.current(name),
    base: () => configs.current(baseName) as BaseConfig,
    status(plugin) {
      const own = states.get(plugin) ?? { status: 'current', since: now() }
      const base = states.get(baseName) ?? own
      const restart = [...(own.restart ?? []), ...(base.restart ?? []).map(path => `${baseName}: ${path}`)]
      const shown = own.status === 'current' && base.status === 'refused' ? base : own
      return { ...shown, ...(restart.length === 0 ? {} : { restart }) }
    },
    async refresh() {
      let results: readonly ReloadResult[]
      try {
        results = await configs.reload(accept)
      } catch (error) {
        logger.error('the configuration could not be read again', { error })
        return { again: true }
      }
      for (const result of results) {
        if (result.error !== undefined) refused(result.name, result.error)
        else if (result.changed) takenOver(result)
        // What was refused was taken back: what is in use is what is saved.
        else if (states.get(result.name)?.status === 'refused') {
          const { restart } = states.get(result.name) ?? {}
          states.set(result.name, { status: 'current', since: now(), ...defined({ restart }) })
          logger.info('configuration as before', { configuration: result.name })
        }
      }
      return { again: results.some(({ error }) => error?.entry.retryable === true) }
    },
  }
}

function needRestart(name: string, changed: readonly string[]): string[] {
  if (name === baseName) return changed.filter(path => !liveSections.has(path.split('.')[0] ?? ''))
  return changed.filter(path => startSettings.has(path))
}

/** `config/plugins/marty.yaml:12:3 pkd_cache_ttl` of each finding. */
function placesOf({ members }: MmfError): readonly string[] {
  const { findings } = members
  return (Array.isArray(findings) ? findings : [members]).flatMap(placeOf)
}

function placeOf(finding: Readonly<Record<string, unknown>>): readonly string[] {
  const { file, line, column, path, variable } = finding
  const place = file ?? variable
  if (place === undefined) return []
  return [[[place, line, column].filter(part => part !== undefined).join(':'), path].filter(Boolean).join(' ')]
}
