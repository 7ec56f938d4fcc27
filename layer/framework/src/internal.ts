/**
 * What is read from declarations, for those that derive stacks, documents and hosts from them. No plugin needs it, no function loads it, and it may
 * change in any version.
 */

export { didYouMean } from './config/did-you-mean.ts'
export { parseYaml } from './config/parse-yaml.ts'
export type { SecretReference } from './config/references.ts'
export { requireIssuers } from './config/require-issuers.ts'
export type { SecretResolver } from './config/secret-resolver.ts'
export type { ServiceResources } from './config/service-resources.ts'
export { rolesWithin } from './contract/access.ts'
export { handlesEvent } from './contract/concerns/handles-event.ts'
export type { ServiceCall, ServiceReply, ServiceTransport } from './contract/service-call.ts'
export { keyType } from './database/key-type.ts'
export { platformWrite } from './database/write.ts'
export { type Alarm, alarmsOf, platformAlarms } from './derive/alarms-of.ts'
export {
  type AllowedKey,
  allowedKeys,
  operationsOf,
  permissionsOf,
  resourcesOf,
  rolesOf,
  scopeOf,
} from './derive/declared.ts'
export { outlineOf, type ServiceOutline } from './derive/outline.ts'
export { type Neighbour, pluginConflicts } from './derive/plugin-conflicts.ts'
export { scopeCovers } from './derive/scope-covers.ts'
export { matchesEventType } from './events/event-type.ts'
export { describeOperations } from './http/openapi/openapi.ts'
export { platformRoles } from './http/platform/platform-roles.ts'
export { declaredPlatformService } from './http/platform/platform-service.ts'
export { keyIdOf } from './keys/key-specs.ts'
export { orderByDependencies } from './runtime/dependency-graph.ts'
export { atLines } from './runtime/discovery/at-lines.ts'
export { createPluginDiscoverer } from './runtime/discovery/create-plugin-discoverer.ts'
export type { PluginEntry } from './runtime/discovery/discoverer.ts'
export { frameworkVersion } from './runtime/framework-version.ts'
export { checkCompatibility, type PluginManifest } from './runtime/manifest.ts'
