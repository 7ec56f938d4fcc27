import { createHash } from 'node:crypto'
import {
  type AuditWaitingRow,
  auditQueues,
  auditWaiting,
  insert,
  put,
  readCanonicalJson,
  recordName,
  remove,
  unlessConflict,
  type Value,
} from '@mmf/framework'
import { tileWidth } from '@mmf/framework/transparency'
import type { AuditContext } from '../operation.ts'
import { fromState, readState } from './log-state.ts'
import { auditLogEntries } from './tables.ts'

/** A transaction has 100 writes: the state, one for each leaf, one for each row that waited. */
const writesAtOnce = 99
/** Rows of each queue that are looked at in one step. */
export const rowsAtOnce = 50

/** Rows that wait, oldest first within their queue; those of all queues by their ids, which sort by time. */
export async function waitingRows(
  { database }: Pick<AuditContext, 'database'>,
  signal: AbortSignal,
): Promise<readonly AuditWaitingRow[]> {
  const pages = await Promise.all(
    auditQueues.map(partition => database.query(auditWaiting, { partition, limit: rowsAtOnce }, { signal })),
  )
  return pages.flatMap(({ rows }) => rows).sort((a, b) => (a.id < b.id ? -1 : 1))
}

/**
 * Gives the leaves that wait the next places of the log, some at a time. Places, leaves and the end of waiting are one transaction: whatever ends it,
 * each leaf has one place, and no place is left out.
 * @returns how many leaves got a place; `outrun` where another process was faster
 */
export async function takePlaces(
  context: Pick<AuditContext, 'database'>,
  signal: AbortSignal,
): Promise<number | 'outrun'> {
  const state = await readState(context, signal)
  const leaves: string[] = []
  const done = []
  for (const row of await waitingRows(context, signal)) {
    const room = writesAtOnce - leaves.length - done.length - 1
    if (room < 1) break
    leaves.push(...row.leaves.slice(0, room))
    const { queue, id } = row
    const rest = row.leaves.slice(room)
    done.push(
      rest.length === 0
        ? remove(auditWaiting, { queue, id }, { when: 'present' })
        : put(auditWaiting, { ...row, leaves: rest }, { when: 'present' }),
    )
  }
  if (done.length === 0) return 0
  const { size } = state
  const entries = leaves.map((leaf, at) => insert(auditLogEntries, entryOf(size + at, leaf)))
  const grown = fromState(state, { size: size + leaves.length }, ['size'])
  const won = await unlessConflict(context.database.transaction([grown, ...entries, ...done], { signal }))
  return won ? leaves.length : 'outrun'
}

function entryOf(index: number, leaf: string) {
  const { table, key } = readCanonicalJson(leaf) as { readonly table: string; readonly key: Value }
  return { bundle: Math.floor(index / tileWidth), index, leaf, record: recordHash(table, key) }
}

/** By which the leaves of a record are found. */
export const recordHash = (table: string, key: Value): string =>
  createHash('sha256').update(recordName(table, key)).digest('hex')
