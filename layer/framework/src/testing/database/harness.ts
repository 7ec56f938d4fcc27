import assert from 'node:assert/strict'
import type { DatabaseAdapter, Query } from '../../database/database.ts'
import type { AnyTable, RowOf } from '../../database/table.ts'
import type { ErrorCode } from '../../errors/catalogue.ts'
import { isMmfError, type MmfError } from '../../errors/mmf-error.ts'
import type { ManualClock } from '../manual-clock.ts'

/** What every part of the contract is given: an open database and the clock it runs by. */
export interface DatabaseUnderTest {
  readonly database: DatabaseAdapter
  readonly clock: ManualClock
  /** How many random programs to run; fewer where each step is slow. */
  readonly programs: number
  /** A name that no other test of this run uses. */
  unique(prefix: string): string
}

/** The coded error that the work ends with. */
export async function failure(work: Promise<unknown>, code: ErrorCode): Promise<MmfError> {
  const outcome = await work.then(
    () => 'no error',
    (error: unknown) => error,
  )
  assert.ok(isMmfError(outcome), `expected ${code}, got ${String(outcome)}`)
  assert.equal(outcome.code, code, outcome.message)
  return outcome
}

/** All rows of a query, page by page; each page but the last has a cursor. */
export async function allRows<T extends AnyTable>(
  database: DatabaseAdapter,
  table: T,
  query: Query<T>,
): Promise<RowOf<T>[]> {
  const rows: RowOf<T>[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await database.query(table, { ...query, cursor })
    rows.push(...page.rows)
    if (page.cursor === undefined) return rows
    cursor = page.cursor
  }
}
