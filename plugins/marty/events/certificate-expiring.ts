import { defineEvent } from '@mmf/framework'
import * as z from 'zod'
import { expiryPlaces } from '../tables/expiry-looks.ts'

/** A certificate of the trust store or the directory has come so many days near its end, or has ended. Told once for each threshold. */
export const certificateExpiring = defineEvent({
  name: 'certificate_expiring',
  version: 1,
  description: 'A certificate of the trust store or of the public key directory comes to its end.',
  data: z.strictObject({
    place: z.enum(expiryPlaces),
    /** SHA-256 of the certificate, lower-case hex. */
    fingerprint: z.string(),
    subject: z.string(),
    country: z.optional(z.string()),
    /** `anchor`, `link`; `dsc`, `csca`, `master_list_signer`. */
    kind: z.string(),
    /** Of an anchor. */
    purposes: z.optional(z.array(z.string())),
    notAfter: z.iso.datetime(),
    /** Whole days; negative where it has ended. */
    daysRemaining: z.int(),
    /** The number of days that was crossed. */
    threshold: z.int(),
  }),
})
