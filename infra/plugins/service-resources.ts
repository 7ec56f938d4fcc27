import { MmfError, type PluginDefinition, type Service } from '@mmf/framework'
import type { BaseConfig, PluginManifest, ServiceResources } from './framework.ts'

/** An HTTP API waits this long for an integration, and no longer (quotas of the Amazon API Gateway Developer Guide). */
const gatewaySeconds = 30

type Configured = BaseConfig['plugins']['resources']

export type { ServiceResources }
export type ManifestOfResources = Pick<PluginManifest, 'resources' | 'services'>

/**
 * What the function of each service gets: what the manifest says of the plugin, then of the service, then what the configuration of this environment
 * says of the plugin, then of the service.
 * @returns by service
 * @throws {MmfError} `config_invalid` for a service with routes that may take longer than the gateway waits
 */
export function resourcesOf(
  { name, services }: PluginDefinition,
  manifest: ManifestOfResources = {},
  configured: Configured = {},
): Readonly<Record<string, ServiceResources>> {
  const own = Object.hasOwn(configured, name) ? configured[name] : undefined
  const { services: perService = {}, ...whole } = own ?? {}
  return Object.fromEntries(
    services.map(service => {
      const { module: _, ...declared } = manifest.services?.[service.name] ?? {}
      const resources = { ...manifest.resources, ...declared, ...whole, ...perService[service.name] }
      checkTimeout(name, service, resources)
      return [service.name, resources]
    }),
  )
}

function checkTimeout(plugin: string, service: Service, { timeout_seconds: seconds }: ServiceResources): void {
  const hasRoutes = Object.values(service.operations).some(({ http }) => http !== undefined)
  if (!hasRoutes || seconds === undefined || seconds <= gatewaySeconds) return
  throw new MmfError('config_invalid', {
    detail: `timeout_seconds of ${plugin}.${service.name} is ${seconds}; a service with routes may take ${gatewaySeconds} at most: API Gateway waits no longer`,
  })
}

/**
 * @param unread names of plugins that are there and do not run: their services are not known
 * @throws {MmfError} `config_invalid` for resources of plugins or services that are not there: nothing would read them
 */
export function checkConfiguredResources(
  plugins: readonly PluginDefinition[],
  configured: Configured,
  unread: readonly string[] = [],
): void {
  const unknown = Object.entries(configured).flatMap(([name, { services }]) => {
    if (unread.includes(name)) return []
    const plugin = plugins.find(one => one.name === name)
    if (plugin === undefined) return [`plugins.resources.${name}: there is ${plugins.map(one => one.name).join(', ')}`]
    const known = plugin.services.map(service => service.name)
    return Object.keys(services)
      .filter(service => !known.includes(service))
      .map(service => `plugins.resources.${name}.services.${service}: there is ${known.join(', ')}`)
  })
  if (unknown.length > 0) throw new MmfError('config_invalid', { detail: unknown.join('; ') })
}
