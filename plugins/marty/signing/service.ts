import { defineService } from '@mmf/framework'
import { getSignature } from './operations/get-signature.ts'
import { listSignatures } from './operations/list-signatures.ts'
import { getKeySet, getKeyVersion } from './operations/published-keys.ts'
import { signDocument } from './operations/sign-document.ts'
import { verifySignature } from './operations/verify-signature.ts'

export const documentSigner = defineService({
  name: 'document_signer',
  description: 'Signs documents, verifies signatures, keeps the audit record',
  operations: { signDocument, verifySignature, getSignature, listSignatures, getKeyVersion, getKeySet },
})
