import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

/** A certificate of the store is distrusted: as an anchor, as a link certificate, and every certificate with its name and key. */
export const trustAnchorDistrusted = defineEvent({
  name: 'trust_anchor_distrusted',
  version: 1,
  description: 'A trust anchor is distrusted; verdicts that rest on it no longer hold.',
  data: z.strictObject({
    anchorId: z.string(),
    generation: z.int(),
    reason: z.string(),
    principal: z.string(),
  }),
})
