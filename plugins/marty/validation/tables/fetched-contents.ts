import { bytes, table } from '@mmf/framework'
import * as z from 'zod'

/** What was fetched, by content, in parts. A copy for the time it may be needed: what a verdict rests on is kept with the verdict. */
const FetchedContentRow = z.strictObject({
  /** SHA-256 of the whole, lower-case hex. */
  sha256: z.string(),
  part: z.int(),
  parts: z.int(),
  bytes: bytes(),
  expiresAt: z.int(),
})

export const fetchedContents = table({
  name: 'fetched_contents',
  row: FetchedContentRow,
  partition: 'sha256',
  sort: 'part',
  ttl: 'expiresAt',
})
