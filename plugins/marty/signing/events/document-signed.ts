import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

/** A signature exists and its record is stored. */
export const documentSigned = defineEvent({
  name: 'document_signed',
  version: 1,
  description: 'A document was signed; the record has the same signatureId.',
  data: z.strictObject({
    signatureId: z.string(),
    principal: z.string(),
    algorithm: z.string(),
    keyId: z.string(),
    keyVersion: z.int(),
    documentHash: z.string(),
    documentHashAlgorithm: z.string(),
  }),
})
