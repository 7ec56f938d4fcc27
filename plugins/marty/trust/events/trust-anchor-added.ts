import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

/** An administrator has added a trust anchor. What master lists bring is published as `master_list_updated`. */
export const trustAnchorAdded = defineEvent({
  name: 'trust_anchor_added',
  version: 1,
  description: 'A trust anchor was added and is in force.',
  data: z.strictObject({
    anchorId: z.string(),
    generation: z.int(),
    subject: z.string(),
    country: z.optional(z.string()),
    purposes: z.array(z.string()),
    principal: z.string(),
  }),
})
