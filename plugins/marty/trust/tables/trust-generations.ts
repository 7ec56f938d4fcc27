import { table } from '@mmf/framework'
import * as z from 'zod'

export const trustActions = ['anchor_added', 'anchor_distrusted', 'anchor_restored', 'master_list_imported'] as const
export type TrustAction = (typeof trustActions)[number]

/** The list of a source that counts at a generation. */
const SourceList = z.strictObject({
  source: z.string(),
  listId: z.string(),
  /** SHA-256 of the signed list. */
  sha256: z.string(),
  /** As the signer claims; RFC 3339. */
  signingTime: z.string(),
  /** Country of the signer. */
  signerCountry: z.string(),
  importedAt: z.iso.datetime(),
})
export type SourceList = z.output<typeof SourceList>

/** One activation. Each is there twice: by number and by time, so that both questions are one strongly consistent read. */
const TrustGenerationRow = z.strictObject({
  axis: z.enum(['number', 'time']),
  /** The number in ten digits, or the time of activation. */
  position: z.string(),
  generation: z.int().gte(1),
  /** Strictly later than that of the generation before. */
  activatedAt: z.iso.datetime(),
  principal: z.string(),
  action: z.enum(trustActions),
  reason: z.optional(z.string()),
  source: z.optional(z.string()),
  /** The anchor that was added, distrusted or restored. */
  anchorId: z.optional(z.string()),
  approvedBy: z.optional(z.string()),
  /** How many entries it wrote. */
  entries: z.int().gte(0),
  counts: z.optional(z.record(z.string(), z.int().gte(0))),
  /** Every region (partition of the entries) with an entry, in order. */
  regions: z.array(z.string()),
  sources: z.array(SourceList),
})
export type TrustGenerationRow = z.output<typeof TrustGenerationRow>

export const trustGenerations = table({
  name: 'trust_generations',
  row: TrustGenerationRow,
  partition: 'axis',
  sort: 'position',
  logged: { rows: 'final' },
})
