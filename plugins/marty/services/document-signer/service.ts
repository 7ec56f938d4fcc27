import { defineService } from '@mmf/framework'
import { getSignature } from './get-signature.ts'
import { listSignatures } from './list-signatures.ts'
import { getKeySet, getKeyVersion } from './published-keys.ts'
import { signDocument } from './sign-document.ts'
import { verifySignature } from './verify-signature.ts'

export const documentSigner = defineService({
  name: 'document_signer',
  description: 'Signs documents, verifies signatures, keeps the audit record',
  operations: { signDocument, verifySignature, getSignature, listSignatures, getKeyVersion, getKeySet },
})
