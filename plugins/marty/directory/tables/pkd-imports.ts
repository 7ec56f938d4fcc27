import { table } from '@mmf/framework'
import * as z from 'zod'

export const importStates = ['running', 'completed', 'failed', 'cancelled'] as const

/** Most records of one import that quarantine keeps; the others are counted. */
export const maxQuarantined = 1000

/** What an import has done so far. Every record of the input is counted once: processed is the sum of the others. */
export const ImportCounts = z.strictObject({
  processed: z.int(),
  added: z.int(),
  updated: z.int(),
  /** In the directory already, just so. */
  unchanged: z.int(),
  quarantined: z.int(),
  /** Entries that only make up the tree. */
  skipped: z.int(),
})
export type ImportCounts = z.output<typeof ImportCounts>

/** One import. Its position is written in the transaction of the rows that were read up to there. */
const PkdImportRow = z.strictObject({
  /** UUID of version 7. */
  jobId: z.string(),
  state: z.enum(importStates),
  source: z.string(),
  principal: z.string(),
  correlationId: z.string(),
  /** The input: a blob, as it was when the import began. */
  blob: z.string(),
  etag: z.string(),
  size: z.int(),
  /** Bytes of the input that are dealt with, and the number of the line that comes next. */
  position: z.int(),
  line: z.int(),
  counts: ImportCounts,
  /** How many of the quarantined records are kept; absent in rows of earlier versions, which kept all. */
  quarantineKept: z.optional(z.int()),
  /** The step that is to be done; each is one event. */
  step: z.int(),
  /** Counts the changes of this row: a process that works on the job must have read the last one. */
  revision: z.int(),
  /** Code of what ended a failed import. */
  error: z.optional(z.string()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  finishedAt: z.optional(z.iso.datetime()),
  /** All imports, for the list. */
  all: z.literal('import'),
})
export type PkdImportRow = z.output<typeof PkdImportRow>

export const pkdImports = table({
  name: 'pkd_imports',
  row: PkdImportRow,
  partition: 'jobId',
  indexes: { by_time: { partition: 'all', sort: 'jobId' } },
})
