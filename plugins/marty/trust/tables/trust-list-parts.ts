import { table } from '@mmf/framework'
import * as z from 'zod'
import { trustKinds } from '../../certificates/kinds.ts'

/** What a master list holds, as far as a later list of its source must know: fingerprints by what became of them. Never changed. */
const TrustListPartRow = z.strictObject({
  listId: z.string(),
  part: z.int().gte(0),
  kind: z.enum(trustKinds),
  fingerprints: z.array(z.string()),
})

export const trustListParts = table({
  name: 'trust_list_parts',
  row: TrustListPartRow,
  partition: 'listId',
  sort: 'part',
})
