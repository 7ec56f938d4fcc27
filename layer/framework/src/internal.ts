/**
 * What is read from declarations, for those that derive stacks, documents and hosts from them. No plugin needs it, no function loads it, and it may
 * change in any version.
 */

export { didYouMean } from './config/did-you-mean.ts'
export { rolesWithin } from './contract/access.ts'
export { handlesEvent } from './contract/concerns/handles-event.ts'
export type { ServiceCall, ServiceReply, ServiceTransport } from './contract/service-call.ts'
export { platformWrite } from './database/write.ts'
export {
  type AllowedKey,
  allowedKeys,
  operationsOf,
  permissionsOf,
  resourcesOf,
  rolesOf,
  scopeOf,
} from './derive/declared.ts'
export { matchesEventType } from './events/event-type.ts'
