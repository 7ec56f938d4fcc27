import { table } from '@mmf/framework'
import * as z from 'zod'

/** There is one log for each deployment. */
export const log = 'audit'

/** The one row that says how long the log is, and how much of it a checkpoint covers. Each change is on the condition that it is still as it was read. */
export const auditLogState = table({
  name: 'audit_log_state',
  row: z.strictObject({
    log: z.string(),
    /** How many leaves have a place. */
    size: z.int().gte(0),
    /** How many of them are in tiles and under the latest checkpoint. */
    published: z.int().gte(0),
    /** The latest checkpoint, a signed note; absent before the first. */
    checkpoint: z.optional(z.string()),
    /** How many logged tables this version knew when it first looked for records that are older than the log, and when that was. */
    takeInTables: z.optional(z.int()),
    takeInSince: z.optional(z.iso.datetime()),
    /** How many of them were looked through, and how far the next one. */
    takenIn: z.optional(z.int()),
    takeInCursor: z.optional(z.string()),
    /** How many steps of that were done. */
    takeInStep: z.optional(z.int().gte(0)),
  }),
  partition: 'log',
})

/** The leaves by their place, until they are in bundles, and for good the way from a record to its leaves. */
export const auditLogEntries = table({
  name: 'audit_log_entries',
  row: z.strictObject({
    /** 256 leaves, as in a bundle of C2SP tlog-tiles. */
    bundle: z.int().gte(0),
    index: z.int().gte(0),
    /** In canonical form: what is hashed. */
    leaf: z.string(),
    /** SHA-256 of the name of the record, lower-case hex. */
    record: z.string(),
  }),
  partition: 'bundle',
  sort: 'index',
  indexes: { by_record: { partition: 'record', sort: 'index' } },
})

export const auditLogCheckpoints = table({
  name: 'audit_log_checkpoints',
  row: z.strictObject({
    log: z.string(),
    size: z.int().gte(1),
    /** The signed note. */
    note: z.string(),
    time: z.iso.datetime(),
  }),
  partition: 'log',
  sort: 'size',
})
