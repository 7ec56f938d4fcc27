import { isPkiError } from '../errors.ts'
import type { Name } from '../x509/name.ts'
import { type CertificateList, parseCrl } from './crl.ts'
import { type RevocationFinding, type RevocationSource, revocationFinding } from './findings.ts'
import { type OcspResponse, parseOcspResponse } from './ocsp-response.ts'

/** One CRL or OCSP response with its place among those the caller gave. */
export interface EvidenceItem<T> {
  readonly index: number
  readonly value: T
}

/** CRLs and OCSP responses, read once and found by issuer; may be shared by any number of validations. */
export interface RevocationEvidence {
  readonly crls: readonly EvidenceItem<CertificateList>[]
  readonly ocspResponses: readonly EvidenceItem<OcspResponse>[]
  /** What could not be read; it takes no part, and the findings of an undetermined certificate name it. */
  readonly malformed: readonly RevocationFinding[]
  /** The CRLs signed in this name. */
  crlsOf(issuer: Name): readonly EvidenceItem<CertificateList>[]
  /** The same with CRLs that may prove a revocation but show no certificate good. */
  provingCrlsOf(issuer: Name): readonly EvidenceItem<CertificateList>[]
}

const nothing: readonly EvidenceItem<CertificateList>[] = Object.freeze([])

/** Reads evidence. What cannot be read is reported, never thrown: other evidence may still decide. */
export function prepareEvidence(
  crls: readonly (Uint8Array | CertificateList)[] = [],
  ocspResponses: readonly (Uint8Array | OcspResponse)[] = [],
): RevocationEvidence {
  const malformed: RevocationFinding[] = []
  const lists = readAll(crls, parseCrl, 'crl', malformed)
  const responses = readAll(ocspResponses, parseOcspResponse, 'ocsp', malformed)
  const byIssuer = new Map<string, EvidenceItem<CertificateList>[]>()
  for (const item of lists) {
    const key = item.value.issuer.canonicalText
    const same = byIssuer.get(key)
    if (same === undefined) byIssuer.set(key, [item])
    else same.push(item)
  }
  const crlsOf = (issuer: Name) => byIssuer.get(issuer.canonicalText) ?? nothing
  return { crls: lists, ocspResponses: responses, malformed, crlsOf, provingCrlsOf: crlsOf }
}

function readAll<T extends object>(
  inputs: readonly (Uint8Array | T)[],
  parse: (der: Uint8Array) => T,
  source: RevocationSource,
  malformed: RevocationFinding[],
): readonly EvidenceItem<T>[] {
  const items: EvidenceItem<T>[] = []
  for (const [index, input] of inputs.entries()) {
    try {
      items.push({ index, value: input instanceof Uint8Array ? parse(input) : input })
    } catch (cause) {
      if (!isPkiError(cause)) throw cause
      const code = source === 'crl' ? 'crl_malformed' : 'ocsp_malformed'
      malformed.push(revocationFinding(code, cause.message, source, index))
    }
  }
  return items
}
