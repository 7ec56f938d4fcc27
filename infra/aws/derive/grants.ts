import type { AnyTable, PluginDefinition, Service } from '@mmf/framework'
import { defined } from '@mmf/framework'
import { scopeOf } from '@mmf/framework/internal'
import type { DeployedPlugin, Deployment, PlatformTables } from '../deployment.ts'
import { scopeCovers } from '../framework.ts'
import type { PlannedKey } from './key-plan.ts'

/** What one function may do. IAM, and nothing else, is made from it. */
export interface Grants {
  readonly tables: readonly { readonly table: AnyTable; readonly access: 'read' | 'write' }[]
  /** Keys it may sign with. */
  readonly signs: readonly PlannedKey[]
  /** Keys whose state and public key it may ask KMS for. */
  readonly describes: readonly PlannedKey[]
  /** Services whose functions it may call. */
  readonly invokes: readonly { readonly plugin: string; readonly service: string }[]
  /** It keeps the audit log: tables that it may read as a whole. */
  readonly scans?: readonly AnyTable[]
  /** Blobs of its plugin that are written once. */
  readonly lockedBlobs?: true
  /** What it may do with the blobs of its plugin. */
  readonly blobs?: 'read' | 'write'
  /** Secrets that it may read, as the configuration names them. */
  readonly secrets?: readonly string[]
}

export function grantsOf(plugin: DeployedPlugin, service: Service, platform: PlatformTables): Grants {
  const scope = scopeOf(service)
  const operations = Object.values(service.operations)
  const names = new Set(scope.keys.map(grant => grant.key.name))
  const signs = plugin.keys.filter(planned => names.has(planned.key.name))
  return {
    tables: [
      ...scope.tables,
      { table: platform.cache, access: 'write' },
      // Every function knows callers by their API keys, and notes that one was used.
      { table: platform.apiKeys, access: 'read' },
      { table: platform.apiKeyUses, access: 'write' },
      // Verification reads public keys from the catalogue, and every service may verify.
      { table: platform.keyCatalogue, access: signs.length > 0 ? 'write' : 'read' },
      ...(scope.events.length > 0 ? [{ table: platform.outbox, access: 'write' } as const] : []),
      ...(operations.some(operation => operation.declares.idempotent !== undefined)
        ? [{ table: platform.idempotency, access: 'write' } as const]
        : []),
      ...(scope.auditLog === true || writesRecords(scope, signs)
        ? [{ table: platform.auditWaiting, access: 'write' } as const]
        : []),
      ...(scope.rateLimits ? [{ table: platform.rateLimits, access: 'write' } as const] : []),
    ],
    signs,
    describes: signs,
    invokes: invokesOf(plugin.definition.name, scope),
    ...defined({ blobs: scope.blobs, lockedBlobs: scope.lockedBlobs }),
    ...(scope.auditLog === true ? { scans: loggedTables(scope, platform) } : {}),
  }
}

/** Each write of a logged table puts a row into the queue of the audit log. Who signs registers keys, which are records. */
const writesRecords = ({ tables }: ReturnType<typeof scopeOf>, signs: readonly PlannedKey[]): boolean =>
  signs.length > 0 || tables.some(({ table, access }) => access === 'write' && table.logged !== undefined)

const loggedTables = ({ tables }: ReturnType<typeof scopeOf>, platform: PlatformTables): readonly AnyTable[] => [
  ...tables.map(({ table }) => table).filter(({ logged }) => logged !== undefined),
  ...Object.values(platform).filter(({ logged }) => logged !== undefined),
]

/** Calls of other plugins, and those that this function's own role does not cover, go to the callee's function; the others stay in process. */
function invokesOf(own: string, scope: ReturnType<typeof scopeOf>): Grants['invokes'] {
  const outside = scope.calls.filter(
    ({ operation, plugin = own }) => plugin !== own || !scopeCovers(scope, operation.scope),
  )
  const invoked = outside.map(({ operation, plugin = own }) => ({ plugin, service: operation.service }))
  return [...new Map(invoked.map(one => [`${one.plugin}.${one.service}`, one])).values()]
}

/** Names of the services whose functions sign with a declared key. */
export function signersOf(plugin: PluginDefinition, key: PlannedKey): readonly string[] {
  return plugin.services
    .filter(service => scopeOf(service).keys.some(grant => grant.key.name === key.key.name))
    .map(service => service.name)
}

/**
 * The platform's own function checks that tables and keys answer, administers API keys, and changes dead letters, once for each Idempotency-Key; those of the outbox go
 * back into it. It signs nothing.
 */
export function platformGrants({
  plugins,
  platformTables,
  secrets,
}: Pick<Deployment, 'plugins' | 'platformTables' | 'secrets'>): Grants {
  const { apiKeyHolders, apiKeys, apiKeyUses, auditWaiting, cache, deliveries, idempotency, outbox } = platformTables
  // Of the cache's rows it writes one of its own, to see that the store works.
  const written: readonly AnyTable[] = [
    apiKeyHolders,
    apiKeys,
    apiKeyUses,
    auditWaiting,
    cache,
    deliveries,
    idempotency,
    outbox,
  ]
  return {
    tables: Object.values(platformTables).map(table => ({
      table,
      access: written.includes(table) ? 'write' : 'read',
    })),
    signs: [],
    describes: plugins.flatMap(({ keys }) => keys),
    // Each function is asked how its service is.
    invokes: plugins.flatMap(({ definition: { name, services } }) =>
      services.map(service => ({ plugin: name, service: service.name })),
    ),
    // It starts every plugin, with its configuration.
    secrets: [...secrets, ...plugins.flatMap(plugin => plugin.secrets)],
  }
}

/** Dead letters are filed by a function that does nothing else. */
export function filingGrants({ deliveries }: PlatformTables): Grants {
  return { tables: [{ table: deliveries, access: 'write' }], signs: [], describes: [], invokes: [] }
}

/** Relay and sweeper mark what they have published, and file what never can be as dead letters. */
export function relayGrants({ outbox, deliveries }: PlatformTables): Grants {
  const tables = [outbox, deliveries].map(table => ({ table, access: 'write' as const }))
  return { tables, signs: [], describes: [], invokes: [] }
}
