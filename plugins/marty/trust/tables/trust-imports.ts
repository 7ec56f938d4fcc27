import { table } from '@mmf/framework'
import * as z from 'zod'

const count = z.int().gte(0)

/** What an import did, for its history. It is written by the activation of the generation that the import made. */
const TrustImportRow = z.strictObject({
  /** One partition: imports are few. */
  kind: z.literal('import'),
  /** The generation in ten digits. */
  position: z.string(),
  generation: z.int().gte(1),
  listId: z.string(),
  source: z.string(),
  sha256: z.string(),
  signingTime: z.iso.datetime(),
  importedAt: z.iso.datetime(),
  principal: z.string(),
  approvedBy: z.optional(z.string()),
  signer: z.strictObject({ subject: z.string(), fingerprint: z.string(), country: z.string() }),
  /** The anchor that the signer's path ended at. */
  anchorId: z.string(),
  /** Whether the request named that anchor by its hash. */
  anchorNamed: z.boolean(),
  forced: z.boolean(),
  /** Named departures from a standard that were needed. */
  compatibilities: z.array(z.string()),
  counts: z.record(z.string(), count),
})
export type TrustImportRow = z.output<typeof TrustImportRow>

export const trustImports = table({
  name: 'trust_imports',
  row: TrustImportRow,
  partition: 'kind',
  sort: 'position',
})
