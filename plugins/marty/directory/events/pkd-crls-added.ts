import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

/** Revocation lists that a trusted CSCA has signed are new in the directory. */
export const pkdCrlsAdded = defineEvent({
  name: 'pkd_crls_added',
  version: 1,
  description: 'Revocation lists that are signed by trusted authorities have come into the public key directory.',
  data: z.strictObject({
    /** SHA-256 of the lists, lower-case hex. */
    fingerprints: z.array(z.string()),
  }),
})
