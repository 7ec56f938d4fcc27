import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

/** The distrust of a certificate was taken back. */
export const trustAnchorRestored = defineEvent({
  name: 'trust_anchor_restored',
  version: 1,
  description: 'A trust anchor is no longer distrusted; it is trusted again if a source vouches for it.',
  data: z.strictObject({
    anchorId: z.string(),
    generation: z.int(),
    reason: z.string(),
    status: z.enum(['trusted', 'ended']),
    principal: z.string(),
  }),
})
