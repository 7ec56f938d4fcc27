import type { TableGrant } from '../../contract/scope.ts'
import type { Database, PlatformWrite, Write } from '../../database/database.ts'
import type { AnyTable } from '../../database/table.ts'
import { MmfError } from '../../errors/mmf-error.ts'

/** Tables that belong to the platform; services write into them only through `events.outbox` and the idempotency claim. */
export type PlatformTables = readonly AnyTable[]

/** The database cut down to the grants of a service: any other table is `access_undeclared`, whatever a cast made the types allow. */
export function scopedDatabase(
  database: Database,
  grants: readonly TableGrant[],
  platformTables: PlatformTables,
  service: string,
  auditLog = false,
): Database {
  const access = new Map(grants.map(grant => [grant.table.name, grant.access]))
  const platform = new Set(platformTables.map(table => table.name))

  function readable(table: AnyTable): void {
    if (!access.has(table.name)) throw refused(`${service} does not read ${table.name}`)
  }
  function writable({ kind, table }: Write | PlatformWrite): void {
    if (platform.has(table.name)) return
    const granted = access.get(table.name)
    if (granted === 'write' || (kind === 'check' && granted === 'read')) return
    throw refused(`${service} does not write ${table.name}`)
  }

  return {
    async get(table, key, options) {
      readable(table)
      return database.get(table, key, options)
    },
    async getMany(table, keys, options) {
      readable(table)
      return database.getMany(table, keys, options)
    },
    async query(table, query, options) {
      readable(table)
      return database.query(table, query, options)
    },
    async scan(table, options) {
      readable(table)
      if (!auditLog || table.logged === undefined) throw refused(`${service} does not scan ${table.name}`)
      return database.scan(table, options)
    },
    async write(write, options) {
      writable(write)
      return database.write(write, options)
    },
    async transaction(writes, options) {
      for (const write of writes) writable(write)
      return database.transaction(writes, options)
    },
  }
}

const refused = (detail: string) => new MmfError('access_undeclared', { detail })
