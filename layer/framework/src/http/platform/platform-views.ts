import type { PluginConfig } from '../../config/plugin-config.ts'
import type { PluginDefinition } from '../../contract/define-plugin.ts'
import { defined } from '../../defined.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { checkPorts } from '../../health/check-health.ts'
import type { CodeStatus, ConfigurationStatus, HealthResult, PluginHealth } from '../../health/health.ts'
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
  const views: PlatformViews = {
    async health() {
      const all = await healthOfPlugins(manager, plugins, platform)
      const [first, ...others] = Object.values(all)
      if (first === undefined) throw new MmfError('plugin_not_found', { detail: 'no plugin is enabled' })
      return others.length === 0 ? first : { ...others.reduce(merge, first), plugins: all }
    },
    async pluginHealth(name) {
      const all = new Map(Object.entries(await healthOfPlugins(manager, plugins, platform, name)))
      const health = all.get(name)
      if (health === undefined) throw new MmfError('plugin_not_found')
      return health
    },
    async serviceHealth(name) {
      const owner = plugins.find(({ services }) => services.some(service => service.name === name))
      if (owner === undefined) throw new MmfError('service_unknown')
      const all = Object.values(await healthOfPlugins(manager, plugins, platform, owner.name))
      const services = new Map(all.flatMap(health => Object.entries(health.services)))
      const health = services.get(name)
      if (health === undefined) throw new MmfError('service_unknown')
      return health
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

/**
 * The health of every plugin that is not switched off, and of those that cannot run. Where functions can be asked each says how its own service is: a
 * function that is missing, or does not start, is unhealthy.
 */
async function healthOfPlugins(
  manager: PluginManager,
  plugins: readonly PluginDefinition[],
  { askHealth, brokenPlugins = [], configurationStatus, codeStatus }: HttpPlatform,
  only?: string,
): Promise<Readonly<Record<string, PluginHealth>>> {
  const shown = manager.listPlugins().filter(({ name, status }) => status !== 'disabled' && (only ?? name) === name)
  const asked = shown.map(async ({ name, status }) => {
    const definition = plugins.find(plugin => plugin.name === name)
    const asks = askHealth !== undefined && definition !== undefined
    // The functions check for themselves: what is active here says nothing more.
    const own = asks && status === 'active' ? fine(definition) : await manager.getPluginHealth(name)
    const health = asks ? await askServices(definition, own, askHealth) : own
    return [name, withCode(configured(health, configurationStatus?.(name)), codeStatus?.(name))] as const
  })
  const broken = brokenPlugins.map(({ name, code }): [string, PluginHealth] => [
    name,
    { plugin: name, status: 'unhealthy', reason: `the plugin cannot run: ${code}`, services: {} },
  ])
  return Object.fromEntries([...(await Promise.all(asked)), ...broken])
}

const fine = ({ title }: PluginDefinition): PluginHealth => ({ plugin: title, status: 'healthy', services: {} })

async function askServices(
  { name, services }: PluginDefinition,
  own: PluginHealth,
  ask: NonNullable<HttpPlatform['askHealth']>,
): Promise<PluginHealth> {
  const entries = await Promise.all(
    services.map(async (service): Promise<[string, HealthResult]> => {
      try {
        const { services: found, status, reason } = await ask(name, service.name)
        return [service.name, found[service.name] ?? { status, ...defined({ reason }) }]
      } catch (error) {
        const code = isMmfError(error) ? error.code : 'no answer'
        return [service.name, { status: 'unhealthy', reason: `the function did not start: ${code}` }]
      }
    }),
  )
  const found = Object.fromEntries(entries)
  return { ...own, status: worstStatus([own, ...Object.values(found)]), services: found }
}

const worstStatus = (results: readonly HealthResult[]) =>
  results.reduce<HealthResult['status']>(
    (worst, { status }) => (rank[status] > rank[worst] ? status : worst),
    'healthy',
  )

const rank = { healthy: 0, degraded: 1, unhealthy: 2 } as const

/** With several plugins `/health` names them all and lists every service; one bad plugin makes the whole bad. */
function merge(all: PluginHealth, next: PluginHealth): PluginHealth {
  return {
    plugin: `${all.plugin}, ${next.plugin}`,
    status: worstStatus([all, next]),
    services: { ...all.services, ...next.services },
    ...defined({
      configuration: next.configuration?.status === 'refused' ? next.configuration : all.configuration,
      code: next.code?.status === 'refused' ? next.code : all.code,
    }),
  }
}

/** A plugin whose saved configuration was refused serves on with the last good one, which is less than was asked for. */
function configured(health: PluginHealth, configuration: ConfigurationStatus | undefined): PluginHealth {
  if (configuration === undefined) return health
  if (configuration.status === 'current' || health.status === 'unhealthy') return { ...health, configuration }
  const { reason = 'the configuration that was saved last was refused; the last good one is in use' } = health
  return { ...health, status: 'degraded', reason, configuration }
}

/** A plugin whose saved code was refused serves on with the code before it. */
function withCode(health: PluginHealth, code: CodeStatus | undefined): PluginHealth {
  if (code === undefined) return health
  if (code.status !== 'refused' || health.status === 'unhealthy') return { ...health, code }
  const { reason = 'the code that was saved last cannot run; the code before it goes on' } = health
  return { ...health, status: 'degraded', reason, code }
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
