import type { Clock } from '../clock/clock.ts'
import type { Database } from '../database/database.ts'
import { unlessConflict } from '../database/unless-conflict.ts'
import { insert, put } from '../database/write.ts'
import type { Logger } from '../observability/observability.ts'
import { apiKeyUseTable } from './api-key-tables.ts'

const hourMs = 3_600_000
/** Keys whose last use this process remembers. */
const maxRemembered = 1_000

interface ApiKeyUsesParts {
  readonly database: Pick<Database, 'get' | 'write'>
  readonly clock: Clock
  readonly logger: Pick<Logger, 'warn'>
}

/**
 * Notes that a key was used: of all instances together one writes, once an hour; each asks once an hour. A use that cannot be noted is logged, and the
 * request goes on.
 */
export function createApiKeyUses({ database, clock, logger }: ApiKeyUsesParts): (id: string) => Promise<void> {
  const noted = new Map<string, number>()
  return async id => {
    const now = clock.now()
    const last = noted.get(id)
    // A clock that was set back makes no note young for ever.
    if (last !== undefined && Math.abs(now.getTime() - last) < hourMs) return
    noted.delete(id)
    noted.set(id, now.getTime())
    const [oldest] = noted.keys()
    if (noted.size > maxRemembered && oldest !== undefined) noted.delete(oldest)
    try {
      const row = await database.get(apiKeyUseTable, { id })
      if (row !== undefined && Math.abs(now.getTime() - Date.parse(row.usedAt)) < hourMs) return
      const next = { id, usedAt: now.toISOString() }
      const write =
        row === undefined ? insert(apiKeyUseTable, next) : put(apiKeyUseTable, next, { when: { usedAt: row.usedAt } })
      // In a conflict another instance has just noted it.
      await unlessConflict(database.write(write))
    } catch (error) {
      logger.warn('the use of an API key was not noted', { callerKey: id, error })
    }
  }
}
