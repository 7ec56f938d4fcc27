import { cacheTable, readinessId } from '../cache/cache-table.ts'
import type { Clock } from '../clock/clock.ts'
import type { Database } from '../database/database.ts'
import { put } from '../database/write.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { Ids } from '../ids/ids.ts'
import type { HealthResult } from './health.ts'

/** Seconds after which the row of a process that is gone may go too. */
const keptSeconds = 3600

/**
 * Writes a row and reads it back. The row is one of the cache's, which may lose any at any time, and of this process alone: two that look at once do not
 * read what the other wrote.
 */
export function storeCanary(ports: { readonly database: Database; readonly clock: Clock; readonly ids: Ids }) {
  const { database, clock, ids } = ports
  const id = readinessId(ids.next())
  return async (signal: AbortSignal): Promise<HealthResult> => {
    const generation = ids.next()
    const expires = Math.floor(clock.now().getTime() / 1000) + keptSeconds
    await database.write(put(cacheTable, { id, generation, expires }), { signal })
    const read = await database.get(cacheTable, { id }, { signal })
    if (read?.generation === generation) return { status: 'healthy' }
    throw new MmfError('database_unavailable', { detail: 'what was written is not what is read' })
  }
}
