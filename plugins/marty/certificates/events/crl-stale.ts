import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

/** The newest revocation list of an issuer, in the directory or fetched from where certificates say, is past its nextUpdate. Published at most once for each list. */
export const crlStale = defineEvent({
  name: 'crl_stale',
  version: 1,
  description: 'The newest revocation list of an issuer is past its nextUpdate.',
  data: z.strictObject({
    fingerprint: z.string(),
    issuer: z.string(),
    country: z.optional(z.string()),
    /** Of a list that was fetched: from where. */
    url: z.optional(z.string()),
    thisUpdate: z.iso.datetime(),
    nextUpdate: z.iso.datetime(),
  }),
})
