import {
  type AuditLeaf,
  type AuditWaitingRow,
  auditWaiting,
  check,
  insert,
  lateLeafOf,
  readCanonicalJson,
  type StoredRow,
  takenInLeaf,
  unlessConflict,
  type Value,
  waitingRow,
} from '@mmf/framework'
import type { AuditContext } from '../operation.ts'
import { changeState, fromState, type LogState, type ReadState, readState } from './log-state.ts'
import { loggedTables } from './logged-tables.ts'
import { auditLogEntries } from './tables.ts'
import { recordHash, rowsAtOnce, waitingRows } from './take-places.ts'

/** Records looked at in one step. */
const recordsAtOnce = 50

/** While a deployment is replaced, functions of the version before go on for a while and write records without a leaf. */
const graceMilliseconds = 10 * 60_000

/**
 * Takes records into the log that are older than it, or than the logging of their table: some at a time, once for each table, with leaves that say so, and
 * one leaf at the end of each table. What is written past the log after that stays without a leaf, and is found.
 * Each step has its number: of two processes at the same step one does it, so that no late leaf comes after the end of its table.
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
  const waiting = await waitingRows(context, signal)
  const unknown = await withoutLeaf(context, table, { rows: page.rows, waiting }, signal)
  const time = now.toISOString()
  if (table.logged?.rows === 'changing') {
    // One at a time, and only as it was read: a change in between has a leaf of its own, before which this one would be out of place.
    let at = state
    for (const row of unknown) {
      const key = keyOf(table, row)
      const same = Object.fromEntries(Object.entries(row).filter(([name]) => !(name in key)))
      const late = insertWaiting(context, lateLeafOf(table, row, time), true)
      const step = stepFrom(at)
      const writes = [late, check(table as never, key as never, operands(same)), step.write]
      const done = await unlessConflict(context.database.transaction(writes, { signal }))
      if (done) at = { ...at, takeInStep: step.number }
    }
  } else if (unknown.length > 0) {
    const leaves = unknown.map(row => lateLeafOf(table, row, time))
    const late = insert(auditWaiting, waitingRow(context.ids.next(), leaves, false))
    await unlessConflict(context.database.transaction([late, stepFrom(state).write], { signal }))
  }
  // The page is looked at again, until all of it has leaves.
  if (unknown.length > 0) return true
  if (page.cursor !== undefined) {
    await changeState(context, stepFrom(state, { takeInCursor: page.cursor }).write, signal)
    return true
  }
  // The end of the table waits until every late leaf has its place.
  const isLate = (leaf: string) => leafIn(leaf).table === table.name && leafIn(leaf).late === true
  if (waiting.length >= rowsAtOnce || waiting.some(({ leaves }) => leaves.some(isLate))) return true
  const end = insertWaiting(context, takenInLeaf(table, time), true)
  const { write } = stepFrom(state, { takenIn: takenIn + 1, takeInCursor: undefined })
  await unlessConflict(context.database.transaction([end, write], { signal }))
  return true
}

const insertWaiting = ({ ids }: AuditContext, leaf: string, ordered: boolean) =>
  insert(auditWaiting, waitingRow(ids.next(), [leaf], ordered))

function stepFrom(state: ReadState, changes: Partial<LogState> = {}) {
  const number = (state.takeInStep ?? 0) + 1
  return { number, write: fromState(state, { ...changes, takeInStep: number }, ['takeInStep']) }
}

type LoggedTable = (typeof loggedTables)[number]

const keyOf = ({ partition, sort }: LoggedTable, row: StoredRow): Readonly<Record<string, Value>> =>
  Object.fromEntries([partition, ...(sort === undefined ? [] : [sort])].map(field => [field, row[field] ?? '']))

const operands = (columns: StoredRow) =>
  Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, { eq: value }]))

const leafIn = (text: string) => readCanonicalJson(text) as unknown as AuditLeaf

/**
 * Those rows of which no leaf says the whole: neither in the log nor waiting. One that is older than the log may have been changed since; a leaf of that
 * says a few columns only.
 */
async function withoutLeaf(
  context: AuditContext,
  table: LoggedTable,
  { rows, waiting }: { readonly rows: readonly StoredRow[]; readonly waiting: readonly AuditWaitingRow[] },
  signal: AbortSignal,
): Promise<readonly StoredRow[]> {
  const hashOf = (row: StoredRow) => recordHash(table.name, keyOf(table, row))
  const known = new Set(
    waiting
      .flatMap(({ leaves }) => leaves.map(leafIn))
      .filter(({ change }) => change === 'put')
      .map(leaf => recordHash(leaf.table, leaf.key as Value)),
  )
  const isPlaced = async (row: StoredRow) => {
    let cursor: string | undefined
    do {
      const query = { index: 'by_record', partition: hashOf(row), limit: 10, cursor } as const
      const page = await context.database.query(auditLogEntries, query, { signal })
      if (page.rows.some(({ leaf }) => leafIn(leaf).change === 'put')) return true
      cursor = page.cursor
    } while (cursor !== undefined)
    return false
  }
  const placed = await Promise.all(rows.map(isPlaced))
  return rows.filter((row, at) => placed[at] === false && !known.has(hashOf(row)))
}
