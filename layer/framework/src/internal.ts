/**
 * What is read from declarations, for those that derive stacks, documents and hosts from them. No plugin needs it, no function loads it, and it may
 * change in any version.
 */
export { platformWrite } from './database/write.ts'
export { matchesEventType } from './events/event-type.ts'
export { handlesEvent } from './operation/handles-event.ts'
export { type AllowedKey, allowedKeys, operationsOf, resourcesOf, scopeOf } from './plugin/define-plugin.ts'
export type { ServiceCall, ServiceReply, ServiceTransport } from './plugin/service-call.ts'
