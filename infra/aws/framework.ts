// The one place where the infrastructure reads more of the framework than the contract.
export { createPluginConfigManager, type PluginConfig } from '@mmf/framework'
export { type BaseConfig, platformTables } from '@mmf/framework/embedded'
export {
  type Alarm,
  alarmsOf,
  declaredPlatformService,
  keyIdOf,
  keyType,
  platformAlarms,
  requireIssuers,
  type SecretReference,
  type SecretResolver,
  type ServiceResources,
  scopeCovers,
} from '@mmf/framework/internal'
