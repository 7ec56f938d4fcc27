import { defineEvent } from '@mmf/framework'
import * as z from 'zod'
import { revocationReasons } from '../tables/trust-revocations.ts'

/** Certificates that stored verdicts rest on stand in a revocation list. `certificate_revoked` follows for each that was not known as revoked. */
export const revocationsFound = defineEvent({
  name: 'revocations_found',
  version: 1,
  description: 'Certificates of stored verdicts stand in a revocation list.',
  data: z.strictObject({
    /** SHA-256 of the list. */
    crl: z.string(),
    issuer: z.string(),
    revocations: z.array(
      z.strictObject({ fingerprint: z.string(), reason: z.enum(revocationReasons), revokedAt: z.iso.datetime() }),
    ),
  }),
})
