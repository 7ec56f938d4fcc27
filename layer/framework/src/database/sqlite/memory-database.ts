import type { Clock } from '../../clock/clock.ts'
import type { DatabaseAdapter } from '../database.ts'
import { createSqliteDatabase } from './sqlite-database.ts'

/** @internal A database that lives as long as the adapter: the embedded one without a file. Test platforms and tests use it. */
export function createMemoryDatabase(options: { clock: Clock }): DatabaseAdapter {
  return createSqliteDatabase({ file: ':memory:', clock: options.clock })
}
