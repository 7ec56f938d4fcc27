import { table } from '@mmf/framework'
import * as z from 'zod'

/** What was last taken from a configured source, so that what has not changed is not imported again. */
const SourceStateRow = z.strictObject({
  /** What is fetched: `trust_anchor` or `pkd`. */
  source: z.string(),
  /** The address then. For another one the rest means nothing. */
  url: z.string(),
  /** As the server wrote it, quotes and all (RFC 9110 §8.8.3). */
  etag: z.optional(z.string()),
  /** SHA-256 of the content, lower-case hex. */
  sha256: z.string(),
  /** Bytes. */
  size: z.int(),
  /** When this content came first. */
  fetchedAt: z.iso.datetime(),
})
export type SourceStateRow = z.output<typeof SourceStateRow>

export const sourceStates = table({ name: 'source_states', row: SourceStateRow, partition: 'source' })
