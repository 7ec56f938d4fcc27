import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

/** The newest revocation list of an issuer in the directory is past its nextUpdate. Told once for each list. */
export const crlStale = defineEvent({
  name: 'crl_stale',
  version: 1,
  description: 'The newest revocation list of an issuer is past its nextUpdate.',
  data: z.strictObject({
    fingerprint: z.string(),
    issuer: z.string(),
    country: z.optional(z.string()),
    thisUpdate: z.iso.datetime(),
    nextUpdate: z.iso.datetime(),
  }),
})
