import { bytes, table } from '@mmf/framework'
import * as z from 'zod'

/**
 * What verdicts were made from, by content: certificates, CRLs, OCSP responses and lists of inputs. The same bytes are kept once, for all
 * verdicts. Part 0 is written last, so a reader that finds it finds all parts.
 */
const EvidenceRow = z.strictObject({
  /** SHA-256 of the whole, lower-case hex. */
  sha256: z.string(),
  part: z.int(),
  parts: z.int(),
  bytes: bytes(),
})

/** Bytes in one part: a DynamoDB item ends at 400 KB, and keys and names count. */
export const evidencePartBytes = 350 * 1024

export const validationEvidence = table({
  name: 'validation_evidence',
  row: EvidenceRow,
  partition: 'sha256',
  sort: 'part',
})
