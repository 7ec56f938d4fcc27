/**
 * What each port promises, as suites of `node:test`: who writes an adapter runs them over it. `databaseContract` needs the package `fast-check`,
 * which is why these do not stand in `./index.ts`.
 */
export type { BlobsAdapter } from '../blobs/blobs.ts'
export { type BlobsUnderTest, blobsContract } from './blobs-contract.ts'
export { type CachesUnderTest, cacheContract, contractFreshnessMs } from './cache-contract.ts'
export type { DatabaseUnderTest } from './database/harness.ts'
export { type DatabaseContractOptions, databaseContract } from './database-contract.ts'
export { type DeadLettersUnderTest, deadLettersContract } from './dead-letters-contract.ts'
export { type EventsHarness, type EventsUnderTest, eventsContract } from './events-contract.ts'
export { idempotencyContract } from './idempotency-contract.ts'
export { type KeyProviderSubject, keyProviderContract } from './key-provider-contract.ts'
