import { table } from '@mmf/framework'
import * as z from 'zod'

/** Which entries a change too large for one transaction has written; without them a dead writer's rows could not be found. */
const TrustJournalRow = z.strictObject({
  changeId: z.string(),
  part: z.int().gte(0),
  keys: z.array(z.strictObject({ region: z.string(), version: z.string() })),
})

export const trustJournal = table({
  name: 'trust_journal',
  row: TrustJournalRow,
  partition: 'changeId',
  sort: 'part',
})
