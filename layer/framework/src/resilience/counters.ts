import type { Clock } from '../clock/clock.ts'
import type { Database } from '../database/database.ts'
import { unlessConflict } from '../database/unless-conflict.ts'
import { insert, put } from '../database/write.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { Counter } from './meters.ts'
import { rateLimitTable } from './rate-limit-table.ts'

/** Where limiters keep what was taken. Limiters that share one share their limits. */
export interface Counters {
  /** @throws {MmfError} `database_unavailable` */
  read(id: string, signal: AbortSignal): Promise<Counter | undefined>
  /** Whether it was still as `known`, and is `next` now. @throws {MmfError} `database_unavailable`, `overloaded` */
  replace(id: string, known: Counter | undefined, next: Counter, signal: AbortSignal): Promise<boolean>
}

/** For all instances together: one row for each counter, changed by a conditional write. */
export function tableCounters(database: Database<typeof rateLimitTable, typeof rateLimitTable>): Counters {
  return {
    async read(id, signal) {
      const row = await database.get(rateLimitTable, { id }, { signal })
      return row === undefined ? undefined : { arrival: row.arrival, used: row.used }
    },
    replace(id, known, { arrival, used }, signal) {
      const row = { id, arrival, expires: Math.ceil(arrival / 1e6) + 1, ...(used === undefined ? {} : { used }) }
      if (known === undefined) return unlessConflict(database.write(insert(rateLimitTable, row), { signal }))
      const when = known.used === undefined ? { arrival: known.arrival } : { arrival: known.arrival, used: known.used }
      return unlessConflict(database.write(put(rateLimitTable, row, { when }), { signal }))
    },
  }
}

/** Counters of one process, at most `maxCounters`: one that has got everything back is forgotten, and where none has, no new caller gets in. */
export function memoryCounters(clock: Clock, maxCounters = 10_000): Counters {
  const counters = new Map<string, Counter>()
  const forget = () => {
    const now = clock.now().getTime() * 1000
    for (const [id, { arrival }] of counters) if (arrival <= now) counters.delete(id)
  }
  return {
    read: async id => counters.get(id),
    async replace(id, known, next) {
      const current = counters.get(id)
      if (current?.arrival !== known?.arrival || current?.used !== known?.used) return false
      if (current === undefined && counters.size >= maxCounters) forget()
      if (current === undefined && counters.size >= maxCounters) {
        throw new MmfError('overloaded', {
          detail: `${maxCounters} callers are being counted`,
          headers: { 'retry-after': '1' },
        })
      }
      counters.set(id, next)
      return true
    },
  }
}
