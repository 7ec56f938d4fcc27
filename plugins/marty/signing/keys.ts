import { defineKey, signingAlgorithmNames } from '@mmf/framework'

/** The key that signs documents. Nothing else is signed with it, tokens least of all. */
export const documentSignerKey = defineKey({
  name: 'document_signer',
  purpose: 'sign',
  description: 'Signs documents for the document_signer service',
  algorithms: signingAlgorithmNames,
})
