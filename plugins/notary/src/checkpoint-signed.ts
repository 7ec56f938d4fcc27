import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

export const checkpointSigned = defineEvent({
  name: 'checkpoint_signed',
  version: 1,
  description: 'A checkpoint of the list was signed and stored; once for each.',
  data: z.strictObject({ size: z.int(), rootHash: z.string(), time: z.string(), signatureId: z.string() }),
})
