import { randomUUID } from 'node:crypto'
import { after, before, describe } from 'node:test'
import type { Clock } from '../clock/clock.ts'
import type { DatabaseAdapter } from '../database/database.ts'
import type { AnyTable } from '../database/table.ts'
import { conditionContract } from './database/conditions.ts'
import type { DatabaseUnderTest } from './database/harness.ts'
import { programContract } from './database/program.ts'
import { queryContract } from './database/queries.ts'
import { rowContract } from './database/rows.ts'
import { contractTables } from './database/tables.ts'
import { transactionContract } from './database/transactions.ts'
import { earlier, versionContract } from './database/versions.ts'
import { createManualClock } from './manual-clock.ts'

export interface DatabaseContractOptions {
  /** A reason not to run it; printed. */
  readonly skip?: string | false
  /** How many random programs; default 40. */
  readonly programs?: number
}

/**
 * What every adapter of the database port does. `makeAdapter` makes an adapter that knows the given tables, without rows of the contract in them;
 * it is opened and closed here.
 */
export function databaseContract(
  name: string,
  makeAdapter: (given: { clock: Clock; tables: readonly AnyTable[] }) => DatabaseAdapter | Promise<DatabaseAdapter>,
  options: DatabaseContractOptions = {},
): void {
  const { skip = false, programs = 40 } = options
  describe(`database contract: ${name}`, { skip }, () => {
    let state: DatabaseUnderTest | undefined
    const under = (): DatabaseUnderTest => {
      if (state === undefined) throw new Error('the database did not open')
      return state
    }

    before(async () => {
      const clock = createManualClock(Date.now())
      const tables = [...contractTables, earlier]
      const database = await makeAdapter({ clock, tables })
      await database.open(tables)
      state = { database, clock, programs, unique: prefix => `${prefix}-${randomUUID().slice(0, 13)}` }
    })
    after(async () => {
      await state?.database.close()
    })

    describe('rows', () => rowContract(under))
    describe('conditions', () => conditionContract(under))
    describe('queries', () => queryContract(under))
    describe('transactions', () => transactionContract(under))
    describe('versions', () => versionContract(under))
    describe('programs', () => programContract(under))
  })
}
