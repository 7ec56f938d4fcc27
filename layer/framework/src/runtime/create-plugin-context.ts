import { auditLogGrants } from '../audit-log/audit-log-grants.ts'
import type { PluginConfig } from '../config/plugin-config.ts'
import type { PluginDefinition } from '../contract/define-plugin.ts'
import type { PlatformContext } from '../contract/platform-context.ts'
import type { PluginContext } from '../contract/plugin-context.ts'
import type { Service } from '../contract/service.ts'
import { watchReads } from '../database/watch-reads.ts'
import { scopeOf } from '../derive/declared.ts'
import { createServices } from './create-services.ts'
import { scopedAccess } from './scoped/scoped-access.ts'
import { scopedBlobs } from './scoped/scoped-blobs.ts'
import { scopedCache } from './scoped/scoped-cache.ts'
import { scopedDatabase } from './scoped/scoped-database.ts'
import { scopedEgress } from './scoped/scoped-egress.ts'
import { scopedEvents } from './scoped/scoped-events.ts'
import { scopedKeys } from './scoped/scoped-keys.ts'
import { scopedResilience } from './scoped/scoped-resilience.ts'

/** The context of one service: the platform cut down to what the service declared. */
export function createServiceContext(
  platform: PlatformContext,
  plugin: Pick<PluginDefinition, 'name' | 'version' | 'metricPrefix' | 'roles' | 'addresses'>,
  service: Service,
  config: unknown,
): PluginContext {
  const scope = scopeOf(service)
  const { environment, observability, clock, ids } = platform
  const about = { plugin: plugin.name, service: service.name }
  const loggerFor = (namespace: string) => observability.logger.child(about, namespace)
  return Object.freeze({
    plugin: {
      name: plugin.name,
      version: plugin.version,
      metricPrefix: plugin.metricPrefix,
      roles: plugin.roles ?? [],
    },
    environment,
    config,
    access: scopedAccess(scope, service.name),
    database: watchReads(
      scopedDatabase(
        platform.database,
        scope.auditLog === true ? [...scope.tables, ...auditLogGrants] : scope.tables,
        platform.platformTables,
        service.name,
        scope.auditLog,
      ),
      observability,
    ),
    keys: scopedKeys(platform.keys, scope.keys, service.name),
    events: scopedEvents(platform.events(plugin.name, service.name), scope.events, service.name),
    services: createServices({
      plugin,
      scope,
      contextOf: callee => createServiceContext(platform, plugin, callee, config),
      transport: platform.invoke,
      remote: platform.remoteServices,
      addresses: () => plugin.addresses?.(config as PluginConfig) ?? {},
      account: platform.serviceAccounts?.[plugin.name],
    }),
    cache: scopedCache(platform.cache, plugin.name, loggerFor('framework.cache')),
    blobs: scopedBlobs(platform.blobs, scope.blobs, plugin.name, service.name, scope.lockedBlobs),
    egress: scopedEgress(platform.egress, scope.egress === true, service.name, loggerFor('framework.egress')),
    resilience: scopedResilience(platform.resilience, plugin.name, service.name),
    observability,
    clock,
    ids,
  })
}
