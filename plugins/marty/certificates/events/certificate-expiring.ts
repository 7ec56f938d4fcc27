import { defineEvent } from '@mmf/framework'
import * as z from 'zod'
import { certificateKinds, trustKinds } from '../kinds.ts'
import { trustPurposes } from '../purposes.ts'
import { expiryPlaces } from '../tables/expiry-notices.ts'

/** A certificate expires in at most `threshold` days, or has expired. Published once for each place, certificate and threshold. */
export const certificateExpiring = defineEvent({
  name: 'certificate_expiring',
  version: 1,
  description: 'A certificate of the trust store or of the public key directory expires soon, or has expired.',
  data: z.strictObject({
    fingerprint: z.string(),
    /** RFC 4514; cut off after 2,048 characters. */
    subject: z.string(),
    country: z.optional(z.string()),
    place: z.enum(expiryPlaces),
    kind: z.enum([...trustKinds, ...certificateKinds]),
    /** Of an anchor of the trust store. */
    purposes: z.optional(z.array(z.enum(trustPurposes))),
    notAfter: z.iso.datetime(),
    /** Begun days count; 0 and below: it has expired. */
    daysRemaining: z.int(),
    threshold: z.int(),
  }),
})
