import { createApiKeys } from '../../api-keys/api-keys.ts'
import type { PluginConfig } from '../../config/plugin-config.ts'
import type { PluginDefinition } from '../../contract/define-plugin.ts'
import { defined } from '../../defined.ts'
import { operationsOf } from '../../derive/declared.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { attempt, checkPorts } from '../../health/check-health.ts'
import { hasReadiness } from '../../health/check-readiness.ts'
import type {
  CodeStatus,
  ConfigurationStatus,
  HealthResult,
  PluginHealth,
  PluginReadiness,
  Readiness,
} from '../../health/health.ts'
import type { PluginManager } from '../../runtime/plugin-manager.ts'
import { type DescribedOperations, openapi } from '../openapi/openapi.ts'
import type { HttpPlatform } from '../platform.ts'
import { type PlatformViews, platformService } from './platform-service.ts'

/**
 * The platform's views over the plugins of a manager. Health answers are checks made now, or shared with who asked just before.
 * @param described the operations of plugins that are outlines; default: all are whole
 */
export function platformViews(
  manager: PluginManager,
  plugins: readonly PluginDefinition[],
  platform: HttpPlatform,
  described: () => Promise<DescribedOperations> = async () => ({}),
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
      const [checks, services] = await Promise.all([
        checkPorts({ ...platform.checks, store: platform.storeCheck }),
        readinessOfPlugins(manager, plugins, platform),
      ])
      const status = worstStatus([...Object.values(checks), ...Object.values(services)])
      const { degraded_is_ready: degradedIsReady } = platform.pluginSettings
      const ready = status === 'healthy' || (status === 'degraded' && degradedIsReady)
      return { status: ready ? 'ready' : 'not_ready', checks, services }
    },
    async openapi() {
      const urls = publicUrls(manager)
      const addresses = serviceAddresses(manager)
      const key = JSON.stringify([urls, addresses])
      if (document?.urls !== key) {
        const made = openapi(plugins, platformService(views), urls, addresses, await described())
        document = { urls: key, made }
      }
      return document.made
    },
    metrics: platform.metricsText,
    logLevels: platform.logLevels,
    traces: platform.traces,
    deadLetters: platform.deadLetters,
    waitingEvents: platform.waitingEvents,
    apiKeys: createApiKeys({ ...platform, ...platform.apiKeys }),
    operationNames: () =>
      [...plugins.flatMap(operationsOf), ...Object.values(platformService(views).operations)].map(
        ({ service, name }) => `${service}.${name}`,
      ),
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
  const asked = shown.map(async ({ name, status, since }) => {
    const definition = plugins.find(plugin => plugin.name === name)
    const asks = askHealth !== undefined && definition !== undefined
    // The functions check for themselves: what is active here says nothing more.
    const own =
      asks && status === 'active' ? { ...fine(definition), state: status, since } : await manager.getPluginHealth(name)
    const health = asks ? await askServices(definition, own, askHealth) : own
    return [name, withCode(configured(health, configurationStatus?.(name)), codeStatus?.(name))] as const
  })
  const broken = brokenPlugins.map(({ name, code }): [string, PluginHealth] => [
    name,
    { plugin: name, status: 'unhealthy', reason: `the plugin cannot run: ${code}`, services: {}, state: 'error' },
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

/**
 * By `<plugin>.<service>`, of the active plugins: one that cannot run is shown by health, and does not take the others out of service. A function that does not
 * answer is unhealthy.
 */
async function readinessOfPlugins(
  manager: PluginManager,
  plugins: readonly PluginDefinition[],
  { askReadiness }: HttpPlatform,
): Promise<Readonly<Record<string, Readiness>>> {
  const active = manager.listPlugins().filter(({ status }) => status === 'active')
  const asked = plugins
    .filter(({ name }) => active.some(plugin => plugin.name === name))
    .flatMap(({ name, services }) => services.filter(hasReadiness).map(service => [name, service.name] as const))
  const own = askReadiness === undefined ? await manager.getReadiness() : {}
  const ask = askReadiness ?? (async (plugin: string) => own[plugin] ?? {})
  const entries = asked.map(async ([plugin, service]): Promise<[string, Readiness]> => {
    const name = `${plugin}.${service}`
    return [
      name,
      await attempt<Readiness>('the function', async () => saidOf(await ask(plugin, service), service), functionMs),
    ]
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** Longest wait for the function of a service, in milliseconds; its own checks take 3 s at most. */
const functionMs = 6_000

function saidOf(all: PluginReadiness, service: string): Readiness {
  const found = all[service]
  if (found === undefined) throw new MmfError('service_unavailable', { detail: service })
  return found
}

const worstStatus = (results: readonly HealthResult[]) =>
  results.reduce<HealthResult['status']>(
    (worst, { status }) => (rank[status] > rank[worst] ? status : worst),
    'healthy',
  )

const rank = { healthy: 0, degraded: 1, unhealthy: 2 } as const

/** With several plugins `/health` names them all and lists every service; one bad plugin makes the whole bad. */
function merge(all: PluginHealth, next: PluginHealth): PluginHealth {
  // The states are those of each plugin, below `plugins`.
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
  return active(manager).flatMap(({ definition, config }) => definition.publicUrl?.(config) ?? [])
}

/** By `<plugin>.<service>`. */
function serviceAddresses(manager: PluginManager): Readonly<Record<string, string>> {
  return Object.fromEntries(
    active(manager).flatMap(({ definition, config }) =>
      Object.entries(definition.addresses?.(config) ?? {}).map(([name, { url }]) => [
        `${definition.name}.${name}`,
        url,
      ]),
    ),
  )
}

function active(manager: PluginManager) {
  const running = manager.listPlugins().filter(({ status }) => status === 'active')
  return running.map(({ name }) => {
    const { definition, context } = manager.getPlugin(name)
    return { definition, config: context.config as PluginConfig }
  })
}
