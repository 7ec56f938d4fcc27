/** What can be wrong with a signature over CMS content: code → clause and title. A code is stable: once published it keeps its meaning. */
const cmsFindings = {
  cms_no_signer: { clause: 'RFC 5652 §5.1', title: 'The signed data has no signer' },
  cms_version_wrong: { clause: 'RFC 5652 §5.1', title: 'The version contradicts the content' },
  cms_signer_version_wrong: {
    clause: 'RFC 5652 §5.3',
    title: 'The signer’s version contradicts how it names its certificate',
  },
  cms_content_missing: { clause: 'RFC 5652 §5.2', title: 'The content is detached and was not given' },
  cms_content_type_unexpected: { clause: 'RFC 5652 §5.2', title: 'The content is of another type than asked for' },
  cms_signed_attributes_missing: {
    clause: 'RFC 5652 §5.3',
    title: 'Signed attributes are required for this content type',
  },
  cms_content_type_missing: { clause: 'RFC 5652 §11.1', title: 'The content-type attribute is missing' },
  cms_content_type_mismatch: { clause: 'RFC 5652 §11.1', title: 'The content-type attribute names another type' },
  cms_message_digest_missing: { clause: 'RFC 5652 §11.2', title: 'The message-digest attribute is missing' },
  cms_message_digest_mismatch: { clause: 'RFC 5652 §5.6', title: 'The content has another digest than the signed one' },
  cms_attribute_malformed: { clause: 'RFC 5652 §11', title: 'A signed attribute cannot be read' },
  cms_digest_algorithm_mismatch: { clause: 'RFC 8933 §3', title: 'Content and attributes are hashed differently' },
  cms_signature_algorithm_of_key: {
    clause: 'RFC 5753 §2.1.1',
    title: 'The signature algorithm is that of a key',
  },
  cms_signer_certificate_missing: {
    clause: 'RFC 5652 §5.3',
    title: 'The signer’s certificate is not among those given',
  },
  cms_signature_invalid: { clause: 'RFC 5652 §5.6', title: 'The signature does not verify under the signer’s key' },
  cms_signature_malformed: {
    clause: 'RFC 5652 §5.4',
    title: 'The signer’s key or algorithm parameters cannot be read',
  },
  cms_algorithm_unavailable: {
    clause: 'RFC 5652 §5.4',
    title: 'The algorithm is not available; the signature was not judged',
  },
} as const satisfies Record<string, { readonly clause: string; readonly title: string }>

export type CmsFindingCode = keyof typeof cmsFindings

export interface CmsFinding {
  readonly code: CmsFindingCode
  readonly clause: string
  readonly message: string
}

/** A finding with the clause of its code. */
export function cmsFinding(code: CmsFindingCode, detail?: string): CmsFinding {
  const { clause, title } = cmsFindings[code]
  return { code, clause, message: detail === undefined ? title : `${title}: ${detail}` }
}
