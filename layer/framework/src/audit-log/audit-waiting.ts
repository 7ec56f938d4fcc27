import * as z from 'zod'
import { type RowOf, table } from '../database/table.ts'

/**
 * Leaves that wait for their place in the audit log: one row for each transaction that wrote records, written in it. No counter, so that writers do not
 * wait for one another.
 */
export const auditWaiting = table({
  name: 'audit_log_waiting',
  row: z.strictObject({
    /** `ordered`, where a row that may change was written; else `any-0` … `any-7`: a partition takes so many writes only. */
    queue: z.string(),
    /** UUID of version 7: sorts by time. */
    id: z.string(),
    /** Each in canonical form, in the order of the writes. */
    leaves: z.array(z.string()),
  }),
  partition: 'queue',
  sort: 'id',
})
export type AuditWaitingRow = RowOf<typeof auditWaiting>

const shards = 8

/** Every queue. What is ordered is read in one strongly consistent query, so that no write overtakes one that it rests on. */
export const auditQueues: readonly string[] = ['ordered', ...Array.from({ length: shards }, (_, at) => `any-${at}`)]

export function waitingRow(id: string, leaves: readonly string[], ordered: boolean): AuditWaitingRow {
  // The last hexadecimal digit of a UUID is random.
  const shard = (Number.parseInt(id.slice(-1), 16) || 0) % shards
  return { queue: ordered ? 'ordered' : `any-${shard}`, id, leaves: [...leaves] }
}
