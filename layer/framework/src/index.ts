/**
 * What authors of plugins use: the contract, the plugin manager, discovery and configuration. It loads zod and Node's own modules, no adapter and
 * no SDK; what no function needs is loaded on demand.
 */
export {
  type AuditLeaf,
  digestOfValue,
  lateLeafOf,
  leafVersion,
  recordedColumns,
  recordName,
  takenInLeaf,
} from './audit-log/audit-leaf.ts'
export { loggedPlatformTables } from './audit-log/audit-log-grants.ts'
export { type AuditWaitingRow, auditQueues, auditWaiting, waitingRow } from './audit-log/audit-waiting.ts'
export { canonicalJson, readCanonicalJson } from './audit-log/canonical-json.ts'
export type { BlobBody, BlobInfo, Blobs, PresignedRequest, PutBlob, StoredBlob } from './blobs/blobs.ts'
export type { Cache, CacheOptions, Loaded, LoadOptions } from './cache/cache.ts'
export { cacheKey } from './cache/cache-key.ts'
export { type Clock, systemClock } from './clock/clock.ts'
export { type PluginConfig, pluginConfig } from './config/plugin-config.ts'
export {
  createPluginConfigManager,
  PluginConfigManager,
  type PluginConfigManagerOptions,
} from './config/plugin-config-manager.ts'
export { type Secret, secretSetting } from './config/secret.ts'
export {
  type Access,
  definePermission,
  defineRole,
  type PermissionDefinition,
  type RoleDefinition,
} from './contract/access.ts'
export { type AlarmDefinition, defineAlarm } from './contract/alarm.ts'
export type { Call, IdempotencyClaim, Principal } from './contract/call.ts'
export { type PluginServiceOptions, pluginService, type ServiceClass } from './contract/class-service/plugin-service.ts'
export { type OperationsOf, serviceOf } from './contract/class-service/service-of.ts'
export { type ServiceOperationOptions, serviceOperation } from './contract/class-service/service-operation.ts'
export { type AuditEventOptions, auditEvent, auditRecord } from './contract/concerns/audit-event.ts'
export { authorize } from './contract/concerns/authorize.ts'
export { type CacheResultOptions, cacheResult } from './contract/concerns/cache-result.ts'
export { type EventHandlerOptions, eventHandler } from './contract/concerns/event-handler.ts'
export { type FallbackOptions, fallback } from './contract/concerns/fallback.ts'
export { idempotent } from './contract/concerns/idempotent.ts'
export type {
  PublishedOnError,
  PublishedOnSuccess,
  PublishesOptions,
} from './contract/concerns/publishes-outcome.ts'
export { type RateLimitOptions, rateLimit } from './contract/concerns/rate-limit.ts'
export { publicAccess, type RequiresAuthOptions, requiresAuth } from './contract/concerns/requires-auth.ts'
export { bulkhead, circuitBreaker, retry, timeout } from './contract/concerns/resilience.ts'
export { type ScheduledOptions, scheduled } from './contract/concerns/scheduled.ts'
export { type TraceOperationOptions, traceOperation } from './contract/concerns/trace-operation.ts'
export { type TrackMetricsOptions, trackMetrics } from './contract/concerns/track-metrics.ts'
export { definePlugin, type PluginDefinition } from './contract/define-plugin.ts'
export { type Environment, environments } from './contract/environment.ts'
export type { GatewayAddition, GatewayRequest, GatewayStage, GatewayStep } from './contract/gateway-step.ts'
export {
  type AboutOperation,
  type Concern,
  concern,
  type Invocation,
  type Method,
} from './contract/operation/concern.ts'
export type { AuthDeclaration, Declaration } from './contract/operation/declaration.ts'
export {
  type AnyOperation,
  type HttpDeclaration,
  type Operation,
  type OperationDefinition,
  type OperationEnvironment,
  type Presentation,
  serviceScope,
} from './contract/operation/operation.ts'
export { base64, bytes, integerText } from './contract/operation/wire-codecs.ts'
export type { PlatformContext } from './contract/platform-context.ts'
export type { PluginContext } from './contract/plugin-context.ts'
export { publishes } from './contract/publishes.ts'
export {
  type CallGrant,
  calls,
  type EventGrant,
  type KeyGrant,
  reads,
  type Scope,
  type ServiceScope,
  signs,
  type TableGrant,
  writes,
} from './contract/scope.ts'
export type { ScopedContext } from './contract/scoped-context.ts'
export { defineService, type Service, type ServiceClient, serviceClient } from './contract/service.ts'
export type { Services } from './contract/services.ts'
export type { TransportPolicy } from './contract/transport-policy.ts'
export type {
  Comparison,
  Condition,
  Database,
  DatabaseAdapter,
  Page,
  PlatformWrite,
  Query,
  StoredRow,
  UnreadableRow,
  Write,
} from './database/database.ts'
export { readWhatCan, unreadableOf, unreadableShape } from './database/read-what-can.ts'
export {
  type AnyTable,
  type IndexOf,
  type KeyOf,
  type LoggedTable,
  type RowOf,
  type Table,
  table,
  type Value,
} from './database/table.ts'
export { inPlaceOf } from './database/unknown-columns.ts'
export { unlessConflict } from './database/unless-conflict.ts'
export { check, insert, put, remove, update } from './database/write.ts'
export { type Defined, defined } from './defined.ts'
export type { Egress, EgressRequest, EgressResponse } from './egress/egress.ts'
export { type CatalogueEntry, catalogue, type ErrorCode } from './errors/catalogue.ts'
export { type FieldError, isMmfError, MmfError, type MmfErrorOptions } from './errors/mmf-error.ts'
export { eventInput } from './events/event-input.ts'
export {
  type AnyEvent,
  type CloudEvent,
  type DataOf,
  defineEvent,
  type EventDefinition,
  type Events,
} from './events/events.ts'
export { concernsAll, oneByOne } from './events/one-by-one.ts'
export type { Age, HealthResult, HealthStatus, PluginHealth, PluginReadiness, Readiness } from './health/health.ts'
export type { Ids } from './ids/ids.ts'
export { type PublicJwk, type PublicJwkSet, toJwk, toJwkSet } from './keys/jwk.ts'
export {
  defineKey,
  type KeyDefinition,
  type KeyState,
  type Keys,
  type KeyVersion,
  type Signable,
  type SignatureValue,
} from './keys/keys.ts'
export { type SignatureFormat, signatureFormats } from './keys/signature-format.ts'
export {
  type Hash,
  type KeySpec,
  type SigningAlgorithmName,
  type SigningAlgorithmRow,
  signingAlgorithm,
  signingAlgorithmNames,
  signingAlgorithms,
} from './keys/signing-algorithms.ts'
export type { Labels, LogFields, Logger, Metrics, Observability, Span, Tracer } from './observability/observability.ts'
export type { BulkheadOptions, CircuitBreakerOptions, RetryOptions, TimeoutOptions } from './resilience/options.ts'
export type {
  CircuitState,
  CircuitStatus,
  GuardedWork,
  Resilience,
  ResiliencePolicies,
} from './resilience/resilience.ts'
export { CompositePluginDiscoverer } from './runtime/discovery/composite-plugin-discoverer.ts'
export { DirectoryPluginDiscoverer } from './runtime/discovery/directory-plugin-discoverer.ts'
export type {
  DiscoveredPlugin,
  DiscoveryProblem,
  DiscoveryResult,
  PluginDiscoverer,
} from './runtime/discovery/discoverer.ts'
export { PackagePluginDiscoverer } from './runtime/discovery/package-plugin-discoverer.ts'
export { MMFPlugin, pluginOf } from './runtime/mmf-plugin.ts'
export { PluginManager } from './runtime/plugin-manager.ts'
export { type RegisteredService, type ServiceInfo, ServiceRegistry } from './runtime/service-registry.ts'
