import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

/** Where a list lies: in the public key directory, or among what was fetched. */
const crlPlaces = ['directory', 'fetched'] as const

/** The next certificates are to be looked for in revocation lists. The service publishes this to itself. */
export const revocationSearchContinued = defineEvent({
  name: 'revocation_search_continued',
  version: 1,
  description: 'The certificates of stored verdicts are to be looked for in revocation lists.',
  data: z.strictObject({
    searchId: z.string(),
    step: z.int(),
    place: z.enum(crlPlaces),
    /** SHA-256 of lists whose signature held; the first is at hand. */
    crls: z.array(z.string()),
    cursor: z.optional(z.string()),
  }),
})
