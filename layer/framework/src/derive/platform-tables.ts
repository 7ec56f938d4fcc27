import { apiKeyHolderTable, apiKeyTable, apiKeyUseTable } from '../api-keys/api-key-tables.ts'
import { auditWaiting } from '../audit-log/audit-waiting.ts'
import { cacheTable } from '../cache/cache-table.ts'
import { deliveryTable } from '../events/delivery-table.ts'
import { outboxTable } from '../events/outbox/outbox.ts'
import { idempotencyTable } from '../idempotency/idempotency.ts'
import { keyCatalogue } from '../keys/key-catalogue.ts'
import { rateLimitTable } from '../resilience/rate-limit-table.ts'

/** Every table of the platform itself, by its role: each host opens them, each deployment makes them, and no plugin may declare one. */
export const platformTables = {
  outbox: outboxTable,
  deliveries: deliveryTable,
  idempotency: idempotencyTable,
  keyCatalogue,
  cache: cacheTable,
  rateLimits: rateLimitTable,
  apiKeys: apiKeyTable,
  apiKeyHolders: apiKeyHolderTable,
  apiKeyUses: apiKeyUseTable,
  auditWaiting,
} as const
