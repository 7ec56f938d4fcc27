import type { PluginConfig } from '../config/plugin-config.ts'
import { checkAccess } from '../contract/check-access.ts'
import type { AnyOperation } from '../contract/operation/operation.ts'
import type { PluginContext } from '../contract/plugin-context.ts'
import type { Service } from '../contract/service.ts'
import { openTransport, type TransportPolicy } from '../contract/transport-policy.ts'
import { defined } from '../defined.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { createServiceContext } from '../runtime/create-plugin-context.ts'
import { type MMFPlugin, pluginOf } from '../runtime/mmf-plugin.ts'
import { PluginManager } from '../runtime/plugin-manager.ts'
import type { HandlerDefinition, HttpPlatform } from './platform.ts'

/** An operation with what it runs in. */
export interface BoundOperation {
  readonly operation: AnyOperation
  /** With the configuration that is current now: read once per request. */
  readonly context: PluginContext
  /** What the configuration of a context asks of connections. */
  readonly policyOf: (context: PluginContext) => TransportPolicy
}

/** What a function serves, and the plugin manager behind it. */
export interface BoundFunction {
  readonly operations: readonly BoundOperation[]
  readonly manager: PluginManager
}

/**
 * Starts the plugins of a function through the plugin manager and binds the operations it serves. The plugin's hooks run in the functions of its
 * services; the platform's own function only looks.
 * @throws {MmfError} what loading and starting a plugin throws; `service_unknown`
 */
export async function bindOperations(definition: HandlerDefinition, platform: HttpPlatform): Promise<BoundFunction> {
  const name = 'platformOf' in definition ? 'platform' : `${definition.plugin.name}.${definition.services.join('+')}`
  const manager = new PluginManager(platform, { settings: platform.pluginSettings, name })
  const operations =
    'platformOf' in definition
      ? await bindPlatform(definition, manager, platform)
      : await bindServices(definition, manager)
  return { operations, manager }
}

const bind = (
  service: Service,
  contextNow: () => PluginContext,
  policyOf: BoundOperation['policyOf'],
): BoundOperation[] =>
  Object.values(service.operations).map(operation => ({
    operation,
    get context() {
      return contextNow()
    },
    policyOf,
  }))

/** A function serves the services of one plugin; when that is disabled it serves nothing, and when it fails the boot fails. */
async function bindServices(
  { plugin: definition, services, manifest, instance }: Extract<HandlerDefinition, { plugin: unknown }>,
  manager: PluginManager,
): Promise<BoundOperation[]> {
  const plugin: MMFPlugin = pluginOf(definition, instance)
  await manager.loadPluginInstance(plugin, definition.name, defined({ manifest }))
  if (plugin.status === 'disabled') return []
  await manager.startPlugin(definition.name)
  const policyOf = ({ config }: PluginContext) => definition.transport?.(config as PluginConfig) ?? openTransport
  return services.flatMap(name => {
    const service = definition.services.find(candidate => candidate.name === name)
    if (service === undefined)
      throw new MmfError('service_unknown', { detail: `${definition.name} has no service ${name}` })
    return bind(service, () => plugin.contextOf(service), policyOf)
  })
}

/** The platform's own function starts every plugin that can be started: one that fails is shown unhealthy and stops no other. */
async function bindPlatform(
  { platformOf, manifests = {}, described }: Extract<HandlerDefinition, { platformOf: unknown }>,
  manager: PluginManager,
  platform: HttpPlatform,
): Promise<BoundOperation[]> {
  for (const definition of platformOf) {
    const { name } = definition
    manager.registerPlugin(name, pluginOf(definition), defined({ manifest: manifests[name] }))
  }
  await manager.startAllPlugins()
  // Loaded by the one function that has it: its schemas and OpenAPI are a tenth of what every other one would load for nothing.
  const [{ platformService }, { platformViews }, { platformRoles }] = await Promise.all([
    import('./platform/platform-service.ts'),
    import('./platform/platform-views.ts'),
    import('./platform/platform-roles.ts'),
  ])
  const service = platformService(platformViews(manager, platformOf, platform, described))
  const host = { name: 'platform', version: '1', metricPrefix: 'mmf', roles: platformRoles }
  checkAccess({ ...host, services: [service] })
  const context = createServiceContext(platform, host, service, {})
  return bind(
    service,
    () => context,
    () => openTransport,
  )
}
