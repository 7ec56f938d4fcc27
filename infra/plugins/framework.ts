// The one place where the discovery of plugins reads more of the framework than the contract.
export { createPluginConfigManager } from '@mmf/framework'
export { type BaseConfig, platformTables } from '@mmf/framework/embedded'
export {
  atLines,
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
  type ServiceResources,
} from '@mmf/framework/internal'
