// The one place where the infrastructure reads more of the framework than the contract.
export {
  type BaseConfig,
  createPluginConfigManager,
  type PluginConfig,
  requireIssuers,
} from '../../layer/framework/src/config/index.ts'
export type { SecretReference } from '../../layer/framework/src/config/references.ts'
export type { SecretResolver } from '../../layer/framework/src/config/secret-resolver.ts'
export type { ServiceResources } from '../../layer/framework/src/config/service-resources.ts'
export { keyType } from '../../layer/framework/src/database/key-type.ts'
export { type Alarm, alarmsOf, platformAlarms } from '../../layer/framework/src/derive/alarms-of.ts'
export { platformTables } from '../../layer/framework/src/derive/platform-tables.ts'
export { scopeCovers } from '../../layer/framework/src/derive/scope-covers.ts'
export { declaredPlatformService } from '../../layer/framework/src/http/platform/platform-service.ts'
export { keyIdOf } from '../../layer/framework/src/keys/key-specs.ts'
