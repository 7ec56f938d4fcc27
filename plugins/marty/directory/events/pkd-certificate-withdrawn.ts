import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

/** A certificate was taken out of the public key directory. */
export const pkdCertificateWithdrawn = defineEvent({
  name: 'pkd_certificate_withdrawn',
  version: 1,
  description: 'A certificate was withdrawn from the public key directory.',
  data: z.strictObject({
    fingerprint: z.string(),
    subject: z.string(),
    reason: z.string(),
    principal: z.string(),
  }),
})
