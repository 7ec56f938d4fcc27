import type { PluginConfig } from '../../config/plugin-config.ts'
import type { PluginDefinition } from '../../contract/define-plugin.ts'
import { defined } from '../../defined.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import { checkPorts } from '../../health/check-health.ts'
import type { ConfigurationStatus, PluginHealth } from '../../health/health.ts'
import type { PluginManager } from '../../runtime/plugin-manager.ts'
import { openapi } from '../openapi/openapi.ts'
import type { HttpPlatform } from '../platform.ts'
import { type PlatformViews, platformService } from './platform-service.ts'

/** The platform's views over the plugins of a manager. Health answers are checks made now, or shared with who asked just before. */
export function platformViews(
  manager: PluginManager,
  plugins: readonly PluginDefinition[],
  platform: HttpPlatform,
): PlatformViews {
  let document: { readonly urls: string; readonly made: object } | undefined
  const withConfiguration = (name: string, health: PluginHealth): PluginHealth =>
    configured(health, platform.configurationStatus?.(name))
  const views: PlatformViews = {
    async health() {
      const all = Object.entries(await manager.getHealthStatus())
      const [first, ...others] = all.map(([name, health]) => withConfiguration(name, health))
      if (first === undefined) throw new MmfError('plugin_not_found', { detail: 'no plugin is enabled' })
      return others.reduce(merge, first)
    },
    async pluginHealth(name) {
      const all = new Map(Object.entries(await manager.getHealthStatus()))
      const health = all.get(name)
      if (health === undefined) throw new MmfError('plugin_not_found')
      return withConfiguration(name, health)
    },
    async ready() {
      const checks = await checkPorts(platform.checks)
      const ready = Object.values(checks).every(result => result.status !== 'unhealthy')
      return { status: ready ? 'ready' : 'not_ready', checks }
    },
    openapi() {
      const urls = publicUrls(manager)
      const key = urls.join(' ')
      if (document?.urls !== key) document = { urls: key, made: openapi(plugins, platformService(views), urls) }
      return document.made
    },
    metrics: platform.metricsText,
    logLevels: platform.logLevels,
    traces: platform.traces,
    deadLetters: platform.deadLetters,
  }
  return views
}

const rank = { healthy: 0, degraded: 1, unhealthy: 2 } as const

/** With several plugins `/health` names them all and lists every service; one bad plugin makes the whole bad. */
function merge(all: PluginHealth, next: PluginHealth): PluginHealth {
  return {
    plugin: `${all.plugin}, ${next.plugin}`,
    status: rank[next.status] > rank[all.status] ? next.status : all.status,
    services: { ...all.services, ...next.services },
    ...defined({ configuration: next.configuration?.status === 'refused' ? next.configuration : all.configuration }),
  }
}

/** A plugin whose saved configuration was refused serves on with the last good one, which is less than was asked for. */
function configured(health: PluginHealth, configuration: ConfigurationStatus | undefined): PluginHealth {
  if (configuration === undefined) return health
  if (configuration.status === 'current' || health.status === 'unhealthy') return { ...health, configuration }
  const { reason = 'the configuration that was saved last was refused; the last good one is in use' } = health
  return { ...health, status: 'degraded', reason, configuration }
}

/** The addresses that the configurations of the running plugins name. */
function publicUrls(manager: PluginManager): readonly string[] {
  const active = manager.listPlugins().filter(({ status }) => status === 'active')
  return active.flatMap(({ name }) => {
    const { definition, context } = manager.getPlugin(name)
    const url = definition.publicUrl?.(context.config as PluginConfig)
    return url === undefined ? [] : [url]
  })
}
