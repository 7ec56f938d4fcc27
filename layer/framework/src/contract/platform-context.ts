import type { Blobs } from '../blobs/blobs.ts'
import type { Cache } from '../cache/cache.ts'
import type { Clock } from '../clock/clock.ts'
import type { Database } from '../database/database.ts'
import type { AnyTable } from '../database/table.ts'
import type { Egress } from '../egress/egress.ts'
import type { Events } from '../events/events.ts'
import type { HealthResult } from '../health/health.ts'
import type { Ids } from '../ids/ids.ts'
import type { Keys } from '../keys/keys.ts'
import type { Observability } from '../observability/observability.ts'
import type { Resilience } from '../resilience/resilience.ts'
import type { Environment } from './environment.ts'
import type { RemoteServices } from './remote-service.ts'
import type { ServiceTransport } from './service-call.ts'

/** Names of roles and permissions, as a token would carry them. */
export interface ServiceAccount {
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
}

/** What a host holds and lends to plugins. Adapters are chosen here and nowhere else. */
export interface PlatformContext {
  readonly environment: Environment
  /** The checked configuration of a plugin. @throws {MmfError} `config_invalid`, `config_malformed`, `config_unreadable` */
  readonly pluginConfig: (plugin: string) => Promise<unknown>
  /**
   * The accepted configuration of a plugin at this moment, where the host takes over what is saved while it runs. Each request begins with one and
   * keeps it.
   */
  readonly currentConfig?: ((plugin: string) => unknown) | undefined
  readonly database: Database
  readonly platformTables: readonly AnyTable[]
  readonly keys: Keys
  /** Makes the events port of one service, so that each event says where it came from. */
  readonly events: (plugin: string, service: string) => Events
  readonly cache: Cache
  readonly blobs: Blobs
  readonly egress: Egress
  /** What a plugin may do at others in its own name, by plugin. */
  readonly serviceAccounts?: Readonly<Record<string, ServiceAccount>> | undefined
  readonly resilience: Resilience
  /** Carries a call to the function of another service. Without it only calls within this function are possible. */
  readonly invoke?: ServiceTransport | undefined
  /** Services of other deployments; default none. */
  readonly remoteServices?: RemoteServices | undefined
  readonly observability: Observability
  readonly clock: Clock
  readonly ids: Ids
  /** Real checks of the ports, by name. Each throws, or says what is wrong, when its port does not answer. */
  readonly checks: Readonly<Record<'database' | 'keys', (signal: AbortSignal) => Promise<HealthResult>>>
}
