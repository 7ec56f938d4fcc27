// The one place where the infrastructure reads more of the framework than the contract.
export {
  type BaseConfig,
  createPluginConfigManager,
  type PluginConfig,
  requireIssuers,
} from '../../layer/framework/src/config/index.ts'
export type { SecretReference } from '../../layer/framework/src/config/references.ts'
export type { SecretResolver } from '../../layer/framework/src/config/secret-resolver.ts'
export { keyType } from '../../layer/framework/src/database/key-type.ts'
export { type Alarm, alarmsOf, platformAlarms } from '../../layer/framework/src/derive/alarms-of.ts'
export { scopeCovers } from '../../layer/framework/src/derive/scope-covers.ts'
export { declaredPlatformService } from '../../layer/framework/src/http/platform/platform-service.ts'
export { keyIdOf } from '../../layer/framework/src/keys/key-specs.ts'

import { cacheTable } from '../../layer/framework/src/cache/cache-table.ts'
import { deliveryTable } from '../../layer/framework/src/events/delivery-table.ts'
import { outboxTable } from '../../layer/framework/src/events/outbox/outbox.ts'
import { idempotencyTable } from '../../layer/framework/src/idempotency/idempotency.ts'
import { keyCatalogue } from '../../layer/framework/src/keys/key-catalogue.ts'
import { rateLimitTable } from '../../layer/framework/src/resilience/rate-limit-table.ts'

/** The platform's own tables, by what the infrastructure needs to know of them. */
export const platformTables = {
  outbox: outboxTable,
  deliveries: deliveryTable,
  idempotency: idempotencyTable,
  keyCatalogue,
  cache: cacheTable,
  rateLimits: rateLimitTable,
}
