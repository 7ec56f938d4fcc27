import type { Blobs } from '../blobs/blobs.ts'
import type { Cache } from '../cache/cache.ts'
import type { Clock } from '../clock/clock.ts'
import type { Database } from '../database/database.ts'
import type { AnyTable } from '../database/table.ts'
import type { Egress } from '../egress/egress.ts'
import type { AnyEvent, Events } from '../events/events.ts'
import type { Ids } from '../ids/ids.ts'
import type { Keys } from '../keys/keys.ts'
import type { Observability } from '../observability/observability.ts'
import type { Resilience } from '../resilience/resilience.ts'
import type { Access, RoleDefinition } from './access.ts'
import type { Environment } from './environment.ts'
import type { Callee } from './scope.ts'
import type { Services } from './services.ts'

/** What a plugin, or one of its services, may reach. Each service gets a view cut down to what it declared. */
export interface PluginContext<
  Config = unknown,
  Readable extends AnyTable = AnyTable,
  Writable extends AnyTable = AnyTable,
  Signing extends string = string,
  Published extends AnyEvent = AnyEvent,
  Callable extends Callee = Callee,
  Asking extends Access = Access,
> {
  readonly plugin: {
    readonly name: string
    readonly version: string
    readonly metricPrefix: string
    /** By them principals get inherited roles and carried permissions; default none. */
    readonly roles?: readonly RoleDefinition[]
  }
  readonly environment: Environment
  readonly config: Config
  readonly access: Asking
  readonly database: Database<Readable, Writable>
  readonly keys: Keys<Signing>
  readonly events: Events<Published>
  readonly services: Services<Callable>
  /** Keys are the plugin's own. */
  readonly cache: Cache
  /** Refuses unless the scope declares `blobs`. Keys are the plugin's own. */
  readonly blobs: Blobs
  /** Refuses unless the scope declares `egress`. */
  readonly egress: Egress
  /** Timeouts, retries, circuit breakers, bulkheads and limits; names are the service's own. */
  readonly resilience: Resilience
  readonly observability: Observability
  readonly clock: Clock
  readonly ids: Ids
}
