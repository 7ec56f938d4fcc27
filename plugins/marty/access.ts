import { definePermission, defineRole } from '@mmf/framework'

/** The roles of Marty. None inherits another and none carries a permission: a token says itself what its holder may do. */
export const roles = {
  documentSigner: defineRole({
    name: 'document_signer',
    description: 'Signs documents, together with the permission `sign_documents`, and reads the own signature records.',
  }),
  auditor: defineRole({
    name: 'auditor',
    description: 'Reads and exports the signature records and verdicts of all principals, and reads imports.',
  }),
  trustAdministrator: defineRole({
    name: 'trust_administrator',
    description: 'Changes what is trusted and makes revocations known.',
  }),
  pkdAdministrator: defineRole({
    name: 'pkd_administrator',
    description: 'Publishes and withdraws certificates of the public key directory, and runs its imports.',
  }),
} as const

export const permissions = {
  signDocuments: definePermission({
    name: 'sign_documents',
    description: 'Signs documents, together with the role `document_signer`.',
  }),
  supplyTrustAnchors: definePermission({
    name: 'supply_trust_anchors',
    description: 'Lets a request for validation say what is trusted.',
  }),
} as const
