// The one place where the discovery of plugins reads more of the framework than the contract.
export { createPluginConfigManager } from '@mmf/framework'
export { platformTables } from '@mmf/framework/embedded'
export {
  checkCompatibility,
  createPluginDiscoverer,
  declaredPlatformService,
  frameworkVersion,
  type Neighbour,
  orderByDependencies,
  type PluginEntry,
  type PluginManifest,
  platformRoles,
  pluginConflicts,
} from '@mmf/framework/internal'
