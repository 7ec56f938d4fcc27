import * as z from 'zod'
import { DocumentRecord } from '../documents/document-record.ts'
import { FetchNote } from '../inputs/note.ts'

const time = z.iso.datetime()
const index = z.int().gte(0)

const CertificateSummary = z.strictObject({
  subject: z.string(),
  issuer: z.string(),
  serialNumber: z.string(),
  notBefore: z.string(),
  notAfter: z.string(),
  sha256: z.string(),
})

export const Finding = z.strictObject({
  /** Stable; the table is in the documentation of `@mmf/pki`. */
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  /** Index in the path; its length stands for the anchor; null for the whole input. */
  certificate: z.nullable(index),
  clause: z.string(),
  message: z.string(),
})

const Anchor = z.nullable(z.strictObject({ name: z.string(), sha256: z.nullable(z.string()) }))

const Revocation = z.strictObject({
  certificate: index,
  source: z.enum(['crl', 'ocsp', 'exempt']),
  /** SHA-256 of the CRL or response. */
  evidence: z.nullable(z.string()),
  status: z.string(),
  thisUpdate: z.nullable(time),
  nextUpdate: z.nullable(time),
  producedAt: z.nullable(time),
  reason: z.nullable(z.string()),
  revokedAt: z.nullable(time),
})

const Attempt = z.strictObject({
  stage: z.string(),
  anchor: Anchor,
  path: z.array(z.strictObject({ subject: z.string(), sha256: z.string() })),
  findings: z.array(Finding),
})

/** A verdict of the validator as it is answered and stored. */
export const VerdictRecord = z.strictObject({
  valid: z.boolean(),
  profile: z.string(),
  at: time,
  path: z.array(CertificateSummary),
  anchor: Anchor,
  findings: z.array(Finding),
  policies: z.array(z.string()),
  revocation: z.array(Revocation),
  attempts: z.array(Attempt),
  /** How many of each are left out, because there are too many to keep. */
  omitted: z.strictObject({ path: index, findings: index, policies: index, revocation: index, attempts: index }),
  work: z.strictObject({ steps: index, signatureChecks: index }),
  /** Of passive authentication: what the travel document showed. The rest of the verdict is about its signer. */
  document: z.optional(DocumentRecord),
})
export type VerdictRecord = z.output<typeof VerdictRecord>

/** What is answered for one certificate. */
export const Validation = z.strictObject({
  validationId: z.uuid(),
  ...VerdictRecord.shape,
  revocationMode: z.enum(['required', 'soft-fail', 'off']),
  /** The generation of the trust store, or `request` where the caller supplied the anchors. */
  anchorsGeneration: z.union([z.literal('request'), z.int()]),
  /** With `fetch`: what became of the addresses that were to be asked. */
  fetched: z.optional(z.array(FetchNote)),
})
export type Validation = z.output<typeof Validation>
