import type { Clock } from '../clock/clock.ts'
import type { DatabaseAdapter, PlatformWrite, Write } from '../database/database.ts'
import { checkWrites } from '../database/validate-write.ts'
import { insert } from '../database/write.ts'
import type { Ids } from '../ids/ids.ts'
import { leafOf } from './audit-leaf.ts'
import { auditWaiting, waitingRow } from './audit-waiting.ts'

/**
 * The database, with every write of a table that is `logged` entering the audit log in its own transaction: one row more, however many records it has.
 * The row comes last, so that the positions of `members.failed` are those of the caller. A transaction that writes records has room for 99 writes.
 */
export function loggedDatabase(
  database: DatabaseAdapter,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): DatabaseAdapter {
  function waiting(writes: readonly (Write | PlatformWrite)[]): readonly Write[] {
    const logged = writes.filter(({ table, kind }) => table.logged !== undefined && kind !== 'check')
    if (logged.length === 0) return []
    const time = clock.now().toISOString()
    const leaves = checkWrites(logged).flatMap(write => leafOf(write, time) ?? [])
    if (leaves.length === 0) return []
    const ordered = logged.some(({ table }) => table.logged?.rows === 'changing')
    return [insert(auditWaiting, waitingRow(ids.next(), leaves, ordered))]
  }
  return {
    ...database,
    async write(write, options) {
      const more = waiting([write])
      return more.length === 0 ? database.write(write, options) : database.transaction([write, ...more], options)
    },
    async transaction(writes, options) {
      return database.transaction([...writes, ...waiting(writes)], options)
    },
  }
}
