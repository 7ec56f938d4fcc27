import { base64, signatureFormats, signingAlgorithmNames } from '@mmf/framework'
import * as z from 'zod'

const exactlyOne = 'exactly one of document and digest'

/** What is signed or verified: the document itself, or its digest made by the client. */
const subject = {
  document: z.optional(base64({ description: 'the document, canonical base64' })),
  // Of any length here: which one is right depends on the algorithm, and its own error says so.
  digest: z.optional(base64({ description: 'its digest under the hash of the algorithm, canonical base64' })),
}

/** How an ECDSA signature is written: strict DER (RFC 3279 §2.2.3), or R ‖ S of fixed width (RFC 7518 §3.4). Other algorithms have no choice. */
const signatureFormat = z.enum(signatureFormats).meta({
  description: 'the form of an ECDSA signature: der, or p1363 (R ‖ S of fixed width, as JOSE has it); default der',
})

const hasOneSubject = (value: { document?: Uint8Array | undefined; digest?: Uint8Array | undefined }) =>
  (value.document === undefined) !== (value.digest === undefined)

export const SignDocumentRequest = z
  .strictObject({
    ...subject,
    // Any text here: whether it is allowed is the configuration's decision, which also says what is.
    signingAlgorithm: z
      .string()
      .max(64)
      .meta({ examples: [...signingAlgorithmNames] }),
    signatureFormat: z.optional(signatureFormat),
  })
  .refine(hasOneSubject, { error: exactlyOne, path: ['document'] })

const signatureId = z.uuid()

export const SignDocumentResponse = z.strictObject({
  signatureId,
  /** RSA: as long as the modulus; ECDSA: in its `signatureFormat`; ML-DSA: FIPS 204. */
  signature: base64({ description: 'the signature, canonical base64' }),
  /** Of an ECDSA signature always, of others never. */
  signatureFormat: z.optional(signatureFormat),
  algorithm: z.enum(signingAlgorithmNames),
  keyId: z.string(),
  keyVersion: z.int().gte(1),
  documentHash: z.string(),
  timestamp: z.iso.datetime(),
})
export type SignDocumentResponse = z.output<typeof SignDocumentResponse>

/** The audit record as its readers see it. */
export const SignatureRecord = z.strictObject({
  ...SignDocumentResponse.shape,
  documentHashAlgorithm: z.enum(['SHA-256', 'SHA-384', 'SHA-512']),
  principal: z.string(),
  correlationId: z.string(),
})

/** A signature as the sign operation answered it; only four fields are needed, and `signatureFormat` where it is not DER. */
const GivenSignature = z.strictObject({
  signature: base64({ minBytes: 1, maxBytes: 8192 }),
  signatureFormat: z.optional(signatureFormat),
  algorithm: z.enum(signingAlgorithmNames),
  keyId: z.string().min(1).max(128),
  keyVersion: z.int().gte(1),
  signatureId: z.optional(signatureId),
  documentHash: z.optional(z.string().max(128)),
  timestamp: z.optional(z.iso.datetime()),
})

export const VerifySignatureRequest = z
  .strictObject({ ...subject, signature: z.optional(GivenSignature), signatureId: z.optional(signatureId) })
  .refine(hasOneSubject, { error: exactlyOne, path: ['document'] })
  .refine(value => (value.signature === undefined) !== (value.signatureId === undefined), {
    error: 'exactly one of signature and signatureId',
    path: ['signature'],
  })

export const VerifySignatureResponse = z.strictObject({
  valid: z.boolean(),
  /** Why not: `signature_mismatch`, `signature_malformed`, `key_not_found`, `key_revoked`, `key_mismatch`. */
  reason: z.optional(z.string()),
})

export const SignatureReference = z.strictObject({ signatureId })
