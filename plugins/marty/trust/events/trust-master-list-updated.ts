import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

/** The master list of a source was accepted and is in force. */
export const masterListUpdated = defineEvent({
  name: 'master_list_updated',
  version: 1,
  description: 'A master list was accepted; its counts, and the certificates that no source vouches for any more.',
  data: z.strictObject({
    listId: z.string(),
    source: z.string(),
    generation: z.int(),
    sha256: z.string(),
    signingTime: z.string(),
    counts: z.record(z.string(), z.int()),
    /** Fingerprints whose trust ended; at most a thousand of them. */
    ended: z.array(z.string()),
    endedOmitted: z.int(),
    principal: z.string(),
  }),
})
