import {
  auditWaiting,
  check,
  insert,
  lateLeafOf,
  readCanonicalJson,
  type StoredRow,
  unlessConflict,
  type Value,
  waitingRow,
} from '@mmf/framework'
import type { AuditContext } from '../operation.ts'
import { changeState, fromState, readState } from './log-state.ts'
import { loggedTables } from './logged-tables.ts'
import { auditLogEntries } from './tables.ts'
import { recordHash, waitingRows } from './take-places.ts'

/** Records looked at in one step. */
const recordsAtOnce = 50

/** While a deployment is replaced, functions of the version before go on for a while and write records without a leaf. */
const graceMilliseconds = 10 * 60_000

/**
 * Takes records into the log that are older than it, or than the logging of their table: some at a time, once for each table, with leaves that say so. What
 * is written past the log after that stays without a leaf, and is found.
 * @returns whether it did something, so that there may be more to do
 */
export async function takeIn(context: AuditContext, signal: AbortSignal): Promise<boolean> {
  const state = await readState(context, signal)
  const { takenIn = 0, takeInTables = 0, takeInSince, takeInCursor: cursor } = state
  const now = context.clock.now()
  if (takeInTables < loggedTables.length) {
    const seen = { takeInTables: loggedTables.length, takeInSince: now.toISOString() }
    await changeState(context, fromState(state, seen, ['takeInTables']), signal)
    return false
  }
  const table = loggedTables[takenIn]
  if (table === undefined || now.getTime() < Date.parse(takeInSince ?? '') + graceMilliseconds) return false
  const page = await context.database.scan(table, { limit: recordsAtOnce, cursor, signal })
  for (const { id, reason } of page.unreadable ?? []) {
    context.observability.logger.error('a record cannot be taken into the audit log', { table: table.name, id, reason })
  }
  const unknown = await withoutLeaf(context, table, page.rows, signal)
  const time = now.toISOString()
  const leaves = unknown.map(row => lateLeafOf(table, row, time))
  if (table.logged?.rows === 'changing') {
    // One at a time, and only as it was read: a change in between has a leaf of its own, before which this one would be out of place.
    for (const [at, row] of unknown.entries()) {
      const key = keyOf(table, row)
      const same = Object.fromEntries(Object.entries(row).filter(([name]) => !(name in key)))
      const writes = [
        insertWaiting(context, leaves.slice(at, at + 1), true),
        check(table as never, key as never, operands(same)),
      ]
      await unlessConflict(context.database.transaction(writes, { signal }))
    }
  } else if (leaves.length > 0) {
    await context.database.write(insertWaiting(context, leaves, false), { signal })
  }
  const next =
    page.cursor === undefined
      ? { takenIn: takenIn + 1, takeInCursor: undefined }
      : { takenIn, takeInCursor: page.cursor }
  await changeState(context, fromState(state, next, ['takenIn', 'takeInCursor']), signal)
  return true
}

const insertWaiting = ({ ids }: AuditContext, leaves: readonly string[], ordered: boolean) =>
  insert(auditWaiting, waitingRow(ids.next(), leaves, ordered))

type LoggedTable = (typeof loggedTables)[number]

const keyOf = ({ partition, sort }: LoggedTable, row: StoredRow): Readonly<Record<string, Value>> =>
  Object.fromEntries([partition, ...(sort === undefined ? [] : [sort])].map(field => [field, row[field] ?? '']))

const operands = (columns: StoredRow) =>
  Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, { eq: value }]))

/** Those rows that have no place in the log and do not wait for one. */
async function withoutLeaf(
  context: AuditContext,
  table: LoggedTable,
  rows: readonly StoredRow[],
  signal: AbortSignal,
): Promise<readonly StoredRow[]> {
  const hashOf = (row: StoredRow) => recordHash(table.name, keyOf(table, row))
  const waiting = new Set(
    (await waitingRows(context, signal))
      .flatMap(({ leaves }) => leaves)
      .map(leaf => readCanonicalJson(leaf) as { readonly table: string; readonly key: Value })
      .map(leaf => recordHash(leaf.table, leaf.key)),
  )
  const placed = await Promise.all(
    rows.map(async row => {
      const query = { index: 'by_record', partition: hashOf(row), limit: 1 } as const
      return (await context.database.query(auditLogEntries, query, { signal })).rows.length > 0
    }),
  )
  return rows.filter((row, at) => placed[at] === false && !waiting.has(hashOf(row)))
}
