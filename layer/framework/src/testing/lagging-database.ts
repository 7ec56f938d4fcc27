import type { Clock } from '../clock/clock.ts'
import type { DatabaseAdapter, PlatformWrite, Write } from '../database/database.ts'
import { createMemoryDatabase } from '../database/sqlite/memory-database.ts'
import type { AnyTable } from '../database/table.ts'
import { platformWrite } from '../database/write.ts'

export interface LaggingDatabase extends DatabaseAdapter {
  /** Lets the indexes see everything that was written. */
  catchUp(): Promise<void>
}

type AnyWrite = Write | PlatformWrite

/**
 * A database in memory whose indexes are late, as DynamoDB's may be: queries of an index do not see the last `lag` changes (default: none of those
 * since `catchUp`). Tables themselves are never late. For tests of code that must not rely on an index being up to date.
 */
export function createLaggingDatabase(options: { clock: Clock; lag?: number }): LaggingDatabase {
  const { clock, lag = Number.POSITIVE_INFINITY } = options
  const primary = createMemoryDatabase({ clock })
  const replica = createMemoryDatabase({ clock })
  let late: (readonly AnyWrite[])[] = []
  let applying: Promise<void> = Promise.resolve()

  /** One after the other, in the order in which they were made. */
  function applyOldest(): Promise<void> {
    applying = applying.then(async () => {
      const [oldest = [], ...rest] = late
      late = rest
      for (const change of oldest) await replica.write(change)
    })
    return applying
  }
  async function replicate(changes: readonly AnyWrite[]): Promise<void> {
    late.push(changes)
    if (late.length > lag) await applyOldest()
  }

  return {
    async open(tables: readonly AnyTable[]) {
      await primary.open(tables)
      await replica.open(tables)
    },
    ping: () => primary.ping(),
    async close() {
      await primary.close()
      await replica.close()
    },
    get: (table, key, read) => primary.get(table, key, read),
    getMany: (table, keys, read) => primary.getMany(table, keys, read),
    query: (table, query, read) => (query.index === undefined ? primary : replica).query(table, query, read),
    scan: (table, page) => primary.scan(table, page),
    async write(write, sent) {
      await primary.write(write, sent)
      await replicate(effectsOf([write]))
    },
    async transaction(writes, sent) {
      await primary.transaction(writes, sent)
      await replicate(effectsOf(writes))
    },
    async catchUp() {
      while (late.length > 0) await applyOldest()
    },
  }
}

/** What was written, without the conditions: they held, and must not be asked again of rows that are older. */
function effectsOf(writes: readonly AnyWrite[]): readonly AnyWrite[] {
  return writes.flatMap(write => {
    if (write.kind === 'check') return []
    const { when: _, ...effect } = write
    return [platformWrite(effect as Write)]
  })
}
