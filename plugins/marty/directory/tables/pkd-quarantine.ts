import { bytes, table } from '@mmf/framework'
import * as z from 'zod'

/** A record that could not be taken, kept with the reason until a person has looked at it. */
const PkdQuarantineRow = z.strictObject({
  jobId: z.string(),
  /** Offset of the record in the input. */
  position: z.int(),
  /** First line of the record, and the line with the mistake. */
  line: z.int(),
  at: z.int(),
  dn: z.optional(z.string()),
  code: z.string(),
  message: z.string(),
  /** Bytes in the input. */
  size: z.int(),
  /** The record, unless it is very large: then its beginning. */
  content: bytes(),
})

export const pkdQuarantine = table({
  name: 'pkd_quarantine',
  row: PkdQuarantineRow,
  partition: 'jobId',
  sort: 'position',
})
