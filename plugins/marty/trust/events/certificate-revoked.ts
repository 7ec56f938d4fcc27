import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

/** An administrator has made a revocation known. */
export const certificateRevoked = defineEvent({
  name: 'certificate_revoked',
  version: 1,
  description: 'A certificate is revoked; verdicts that rest on it no longer hold.',
  data: z.strictObject({
    /** SHA-256 of the certificate, lower-case hex. */
    fingerprint: z.string(),
    reason: z.string(),
    revokedAt: z.string(),
    recordedAt: z.string(),
    principal: z.string(),
  }),
})
