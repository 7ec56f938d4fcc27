import { defineEvent } from '@mmf/framework'
import * as z from 'zod'
import { changeCauses } from '../tables/validation-changes.ts'

/** A stored verdict would be another one today, because of what is trusted or revoked now. */
export const validationChanged = defineEvent({
  name: 'validation_changed',
  version: 1,
  description: 'A stored verdict no longer holds, or holds again, by what is trusted and revoked now.',
  data: z.strictObject({
    validationId: z.string(),
    /** What it would be now. */
    valid: z.boolean(),
    cause: z.enum(changeCauses),
    /** SHA-256 of the certificate that the cause is about. */
    fingerprint: z.string(),
    /** The generation of the trust store that was asked. */
    generation: z.int(),
    /** Codes of the findings. */
    findings: z.array(z.string()),
    /** SHA-256 of the certificate that was judged. */
    certificate: z.string(),
    profile: z.string(),
    /** Who asked for the verdict. */
    principal: z.string(),
  }),
})
