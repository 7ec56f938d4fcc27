// The one place where the discovery of plugins reads more of the framework than its entries.
export { createPluginConfigManager } from '../../layer/framework/src/config/index.ts'
export { type Neighbour, pluginConflicts } from '../../layer/framework/src/derive/plugin-conflicts.ts'
export { platformRoles } from '../../layer/framework/src/http/platform/platform-roles.ts'
export { declaredPlatformService } from '../../layer/framework/src/http/platform/platform-service.ts'
export { orderByDependencies } from '../../layer/framework/src/runtime/dependency-graph.ts'
export { createPluginDiscoverer } from '../../layer/framework/src/runtime/discovery/create-plugin-discoverer.ts'
export type { PluginEntry } from '../../layer/framework/src/runtime/discovery/discoverer.ts'
export { frameworkVersion } from '../../layer/framework/src/runtime/framework-version.ts'
export { checkCompatibility, type PluginManifest } from '../../layer/framework/src/runtime/manifest.ts'

import { cacheTable } from '../../layer/framework/src/cache/cache-table.ts'
import { deliveryTable } from '../../layer/framework/src/events/delivery-table.ts'
import { outboxTable } from '../../layer/framework/src/events/outbox/outbox.ts'
import { idempotencyTable } from '../../layer/framework/src/idempotency/idempotency.ts'
import { keyCatalogue } from '../../layer/framework/src/keys/key-catalogue.ts'

/** Tables that belong to the platform, and so to no plugin. */
export const platformTables = [outboxTable, deliveryTable, idempotencyTable, keyCatalogue, cacheTable]
