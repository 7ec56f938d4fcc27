/** Adapters of this machine. No Lambda function loads them. */
export { type BlobUrls, createBlobUrls } from './blobs/blob-urls.ts'
export { createFilesBlobs } from './blobs/files-blobs.ts'
export { serveBlobUrl } from './blobs/serve-blob-url.ts'
export { cacheTable } from './cache/cache-table.ts'
export {
  type BaseConfig,
  createPluginConfigManager,
  type IssuerConfig,
  type PluginConfigManager,
  requireIssuer,
} from './config/index.ts'
export { environmentSecretResolver, fileSecretResolver, firstSecretResolver } from './config/secret-resolver.ts'
export { createSqliteDatabase } from './database/sqlite-database.ts'
export { createDeadLetters } from './events/dead-letters.ts'
export { deliveryTable } from './events/delivery-table.ts'
export { createEvents, outboxTable } from './events/outbox.ts'
export { createRelay, type Relay } from './events/relay.ts'
export type { Subscriber } from './events/subscriber.ts'
export { assemblePlatform, ensureKeys } from './http/assemble-platform.ts'
export { configuredTokenVerifier } from './http/authentication/configured-token-verifier.ts'
export { staticKeySource } from './http/authentication/static-key-source.ts'
export { createTokenVerifier, type TokenVerifier } from './http/authentication/token-verifier.ts'
export { createIdempotency, idempotencyTable } from './idempotency/idempotency.ts'
export { createIds } from './ids/uuid-v7.ts'
export { createEmbeddedKeyProvider } from './keys/embedded-key-provider.ts'
export { createKeyCatalogue, type KeyCatalogueRow, keyCatalogue } from './keys/key-catalogue.ts'
export type { KeyProvider } from './keys/key-provider.ts'
export { createKeyService } from './keys/key-service.ts'
export { keyStoreSecret, resolveSecret } from './keys/key-store-secret.ts'
export type { LineSink } from './observability/line-sink.ts'
export { createLocalObservability } from './observability/local-observability.ts'
export type { LogLevel } from './observability/structured-logger.ts'
export { createPluginDiscoverer } from './plugin/discovery/index.ts'
