import { type Certificate, createKeyCache, createSignatureMemo, type Name, validateCertificate } from '@mmf/pki'
import type { conformances } from '../tables/pkd-public-keys.ts'
import { kindOf } from './certificate-entry.ts'
import { refusing } from './entry-refused.ts'

/** Trusted CSCA certificates above a name, and link certificates on the way to them. */
export interface CscaCandidates {
  readonly anchors: readonly Certificate[]
  readonly links: readonly Certificate[]
}

/** Where CSCA certificates that are trusted here come from. */
export interface CscaSource {
  /** What may have issued certificates and CRLs under this name. `example` is one of the certificates, where it is one. */
  above(issuer: Name, example?: Certificate): Promise<CscaCandidates>
}

export interface ConformanceVerdict {
  readonly conformance: (typeof conformances)[number]
  /** Codes of `@mmf/pki`, each once; empty where it conforms. */
  readonly findings: readonly string[]
  /** The very CSCA that it names is trusted here and has not signed it: it is not what it says. */
  readonly forged: boolean
}

const profiles = { dsc: 'icao-dsc', csca: 'icao-csca', master_list_signer: 'master-list-signer' } as const

/** Findings that say of a signature that it is not the issuer's. */
const signatureFindings: ReadonlySet<string> = new Set(['signature_invalid', 'signature_malformed'])

/** Keys and signatures of the CSCAs are the same for thousands of document signers; these hold no trust, only arithmetic. */
const caches = { keyCache: createKeyCache(), signatureMemo: createSignatureMemo() }

const conforming = { conformance: 'conforming', findings: [], forged: false } as const
const unverified = { conformance: 'unverified', findings: ['issuer_not_trusted'], forged: false } as const

/**
 * Judges a certificate of the directory under the profile of Doc 9303-12, up to a trusted CSCA, at the moment it was issued: the
 * documents that it signed outlive it.
 * @throws {EntryRefused} where a key identifier or the key usage cannot be read
 */
export async function judgeConformance(certificate: Certificate, cscas: CscaSource): Promise<ConformanceVerdict> {
  const { anchors, links } = await cscas.above(certificate.issuer, certificate)
  if (anchors.some(anchor => anchor.fingerprint === certificate.fingerprint)) return conforming
  return refusing('certificate_malformed', () => {
    const wanted = certificate.authorityKeyIdentifier?.keyIdentifier
    if (![...anchors, ...links].some(csca => csca.subject.equals(certificate.issuer) && hasKey(csca, wanted)))
      return unverified
    const verdict = validateCertificate({
      target: certificate,
      anchors,
      intermediates: links,
      profile: profiles[kindOf(certificate)],
      time: certificate.notBefore,
      ...caches,
    })
    if (verdict.valid) return conforming
    const errors = verdict.findings.filter(({ severity }) => severity === 'error')
    const forged = verdict.attempts.length > 0 && verdict.attempts.every(attempt => attempt.findings.some(isForgery))
    return { conformance: 'non_conforming', findings: [...new Set(errors.map(({ code }) => code))], forged }
  })
}

/** The signature of the certificate itself, not of one above it. */
const isForgery = ({ code, certificate }: { code: string; certificate: number | null }) =>
  certificate === 0 && signatureFindings.has(code)

/** CSCAs of one country often share a name; where both say which key they mean (RFC 5280 §4.2.1.1), it has to be the same. */
export function hasKey(csca: Certificate, wanted: Uint8Array | undefined): boolean {
  const has = csca.subjectKeyIdentifier
  return wanted === undefined || has === undefined || Buffer.compare(wanted, has) === 0
}
