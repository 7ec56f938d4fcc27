import { MmfError } from '../../errors/mmf-error.ts'
import { checkPlugin, checkPorts } from '../../health/check-health.ts'
import type { PluginHealth } from '../../health/health.ts'
import type { PluginDefinition } from '../../plugin/define-plugin.ts'
import type { PluginContext } from '../../plugin/plugin-context.ts'
import type { Service } from '../../plugin/service.ts'
import { openapi } from '../openapi/openapi.ts'
import type { HttpPlatform } from '../platform.ts'
import type { PlatformViews } from './platform-service.ts'

export interface RunningPlugin {
  readonly plugin: PluginDefinition
  readonly contextOf: (service: Service) => PluginContext
}

/** The platform's views over the running plugins. Every health answer is a check made for that request. */
export function platformViews(running: readonly RunningPlugin[], platform: HttpPlatform): PlatformViews {
  const check = async ({ plugin, contextOf }: RunningPlugin): Promise<PluginHealth> =>
    checkPlugin(plugin, contextOf, await checkPorts(platform.checks))
  let document: object | undefined

  return {
    async health() {
      const [first, ...others] = await Promise.all(running.map(check))
      if (first === undefined) throw new MmfError('plugin_not_found', { detail: 'no plugin is running' })
      return others.reduce(merge, first)
    },
    async pluginHealth(name) {
      const found = running.find(({ plugin }) => plugin.name === name)
      if (found === undefined) throw new MmfError('plugin_not_found')
      return check(found)
    },
    async ready() {
      const checks = await checkPorts(platform.checks)
      const ready = Object.values(checks).every(result => result.status !== 'unhealthy')
      return { status: ready ? 'ready' : 'not_ready', checks }
    },
    openapi() {
      document ??= openapi(running.map(({ plugin }) => plugin))
      return document
    },
    metrics: platform.metricsText,
  }
}

const rank = { healthy: 0, degraded: 1, unhealthy: 2 } as const

/** With several plugins `/health` names them all and lists every service; one bad plugin makes the whole bad. */
function merge(all: PluginHealth, next: PluginHealth): PluginHealth {
  return {
    plugin: `${all.plugin}, ${next.plugin}`,
    status: rank[next.status] > rank[all.status] ? next.status : all.status,
    services: { ...all.services, ...next.services },
  }
}
