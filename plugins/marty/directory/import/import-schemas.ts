import { base64, defined } from '@mmf/framework'
import * as z from 'zod'
import { ImportCounts, importStates, type PkdImportRow } from '../tables/pkd-imports.ts'

export const JobId = z.uuid().meta({ description: 'the jobId that starting the import answered' })

const Time = z.iso.datetime()

/** An import as its readers see it. */
export const ImportStatus = z.strictObject({
  jobId: z.string(),
  state: z.enum(importStates),
  source: z.string(),
  principal: z.string(),
  /** Bytes of the input, and how many of them are dealt with. */
  size: z.int(),
  position: z.int(),
  ...ImportCounts.shape,
  /** Quarantined records that are counted and not kept. */
  quarantineOmitted: z.optional(z.int()),
  error: z.optional(z.string()),
  createdAt: Time,
  updatedAt: Time,
  finishedAt: z.optional(Time),
})
export type ImportStatus = z.output<typeof ImportStatus>

export function toStatus(row: PkdImportRow): ImportStatus {
  const { jobId, state, source, principal, size, position, counts, error, createdAt, updatedAt, finishedAt } = row
  const omitted = counts.quarantined - (row.quarantineKept ?? counts.quarantined)
  return {
    jobId,
    state,
    source,
    principal,
    size,
    position,
    ...counts,
    ...(omitted > 0 ? { quarantineOmitted: omitted } : {}),
    ...defined({ error }),
    createdAt,
    updatedAt,
    ...defined({ finishedAt }),
  }
}

export const QuarantinedRecord = z.strictObject({
  /** Offset in the input, its first line, and the line with the mistake. */
  position: z.int(),
  line: z.int(),
  at: z.int(),
  dn: z.optional(z.string()),
  code: z.string(),
  message: z.string(),
  size: z.int(),
  content: base64({ description: 'the record, or the beginning of a very large one' }),
})
