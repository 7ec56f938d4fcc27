import { type Certificate, createKeyCache, createSignatureMemo, validateCertificate } from '@mmf/pki'
import type { conformances } from '../../tables/pkd-public-keys.ts'
import { kindOf, refusing } from './certificate-entry.ts'

/** Where CSCA certificates that are trusted here come from. */
export interface CscaSource {
  /** The trusted CSCA certificates whose subject is the issuer of this one. */
  forIssuerOf(certificate: { readonly issuer: Certificate['issuer'] }): Promise<readonly Certificate[]>
}

/** No CSCA is trusted: everything stays unverified. */
export const noCscas: CscaSource = { forIssuerOf: async () => [] }

export interface ConformanceVerdict {
  readonly conformance: (typeof conformances)[number]
  /** Codes of `@mmf/pki`, each once; empty where it conforms. */
  readonly findings: readonly string[]
  /** A trusted CSCA bears the name of the issuer and none of them has signed this: it is not what it says. */
  readonly forged: boolean
}

const profiles = { dsc: 'icao-dsc', csca: 'icao-csca', master_list_signer: 'master-list-signer' } as const

/** Findings that say of a signature that it is not the issuer's. */
const signatureFindings: ReadonlySet<string> = new Set(['signature_invalid', 'signature_malformed'])

/** Keys and signatures of the CSCAs are the same for thousands of document signers; these hold no trust, only arithmetic. */
const caches = { keyCache: createKeyCache(), signatureMemo: createSignatureMemo() }

/**
 * Judges a certificate of the directory under the profile of Doc 9303-12, up to a trusted CSCA, at the moment it was issued: the
 * documents that it signed outlive it.
 * @throws {EntryRefused} where the key identifier cannot be read
 */
export async function judgeConformance(certificate: Certificate, cscas: CscaSource): Promise<ConformanceVerdict> {
  const trusted = await cscas.forIssuerOf(certificate)
  const anchors = refusing('certificate_malformed', () => trusted.filter(csca => mayHaveSigned(csca, certificate)))
  if (anchors.length === 0) return { conformance: 'unverified', findings: ['issuer_not_trusted'], forged: false }
  if (anchors.some(anchor => anchor.fingerprint === certificate.fingerprint)) {
    return { conformance: 'conforming', findings: [], forged: false }
  }
  const kind = refusing('certificate_malformed', () => kindOf(certificate))
  const verdict = validateCertificate({
    target: certificate,
    anchors,
    profile: profiles[kind],
    time: certificate.notBefore,
    ...caches,
  })
  if (verdict.valid) return { conformance: 'conforming', findings: [], forged: false }
  const findings = [...new Set(verdict.findings.filter(f => f.severity === 'error').map(f => f.code))]
  const attempts = verdict.attempts
  const forged =
    attempts.length > 0 && attempts.every(attempt => attempt.findings.some(({ code }) => signatureFindings.has(code)))
  return { conformance: 'non_conforming', findings, forged }
}

/** CSCAs of one country often share a name; where both say which key they mean (RFC 5280 §4.2.1.1), it has to be the same. */
function mayHaveSigned(csca: Certificate, certificate: Certificate): boolean {
  const wanted = certificate.authorityKeyIdentifier?.keyIdentifier
  const has = csca.subjectKeyIdentifier
  return wanted === undefined || has === undefined || Buffer.compare(wanted, has) === 0
}
