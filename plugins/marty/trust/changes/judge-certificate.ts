import {
  type Certificate,
  isPkiError,
  type KeyCache,
  keyUsageBit,
  type ProfileName,
  validateCertificate,
  verifySignature,
} from '@mmf/pki'
import type { TrustKind } from '../../certificates/kinds.ts'
import type { TrustPurpose } from '../../certificates/purposes.ts'
import { countryOf, subjectKey } from '../store/certificate-facts.ts'

export interface Fault {
  readonly code: string
  readonly message: string
}

export interface Judgement {
  readonly kind: TrustKind
  /** Why it is quarantined; empty otherwise. */
  readonly faults: readonly Fault[]
}

/** The profile that says how an anchor for a purpose must look. */
const profileOfPurpose: Readonly<Record<TrustPurpose, ProfileName>> = {
  csca: 'icao-csca',
  'master-list-signer': 'icao-csca',
  tls: 'rfc5280',
  'code-signing': 'rfc5280',
  timestamping: 'rfc5280',
  'mtls-client': 'rfc5280',
  general: 'rfc5280',
}

/**
 * What a certificate of a master list may be (Doc 9303-12 §7.1.1): a conforming self-signed CSCA is an anchor; a CSCA certified by another
 * key is a link certificate, over which paths may lead but of which nothing is believed; anything else is kept apart.
 */
export function judgeCsca(certificate: Certificate, keyCache: KeyCache): Judgement {
  const faults = caFaults(certificate)
  if (countryOf(certificate.subject) === undefined)
    faults.push(fault('country_missing', 'the subject names no country'))
  if (faults.length > 0) return { kind: 'quarantined', faults }
  const own = signatureUnderOwnKey(certificate, true, keyCache)
  if (own === 'signed-by-another-key') return { kind: 'link', faults: [] }
  const wrong = own ?? profileFaults(certificate, 'icao-csca', keyCache)
  return wrong.length === 0 ? { kind: 'anchor', faults: [] } : { kind: 'quarantined', faults: wrong }
}

/** Why a certificate cannot be the anchor that an administrator asks for; empty where it can. */
export function anchorFaults(
  certificate: Certificate,
  purposes: readonly TrustPurpose[],
  options: { readonly allowNotSelfSigned: boolean; readonly keyCache: KeyCache },
): readonly Fault[] {
  const faults = caFaults(certificate)
  if (faults.length > 0) return faults
  const profiles = [...new Set(purposes.map(purpose => profileOfPurpose[purpose]))]
  const own = signatureUnderOwnKey(certificate, profiles.includes('icao-csca'), options.keyCache)
  if (own === 'signed-by-another-key') {
    if (options.allowNotSelfSigned) return []
    return [fault('not_self_signed', 'it is signed by another key; allowNotSelfSigned accepts it all the same')]
  }
  return own ?? profiles.flatMap(profile => profileFaults(certificate, profile, options.keyCache))
}

/** RFC 5280 §4.2.1.9 and §4.2.1.3: only a certificate with cA and keyCertSign may sign others. Malformed values are faults too. */
function caFaults(certificate: Certificate): Fault[] {
  try {
    const { basicConstraints, keyUsage = 0 } = certificate
    // Asked for here so that one that cannot be read is known before a path is built over it.
    void certificate.subjectKeyIdentifier
    void certificate.authorityKeyIdentifier
    const faults: Fault[] = []
    if (subjectKey(certificate.subject) === undefined || subjectKey(certificate.issuer) === undefined) {
      faults.push(fault('name_malformed', 'subject or issuer cannot be decoded'))
    }
    if (basicConstraints?.ca !== true) faults.push(fault('not_a_ca', 'basicConstraints with cA is missing'))
    if ((keyUsage & keyUsageBit.keyCertSign) === 0) {
      faults.push(fault('key_usage_not_exact', `keyUsage with keyCertSign is missing`))
    }
    return faults
  } catch (error) {
    if (!isPkiError(error)) throw error
    return [fault(error.code, error.message)]
  }
}

/** Undefined where it is self-signed; faults where that cannot be decided. */
function signatureUnderOwnKey(
  certificate: Certificate,
  explicitCurves: boolean,
  keyCache: KeyCache,
): readonly Fault[] | 'signed-by-another-key' | undefined {
  const result = verifySignature({
    algorithm: certificate.signatureAlgorithm,
    spki: certificate.subjectPublicKeyInfo.raw,
    data: certificate.tbs,
    signature: certificate.signature,
    policy: { explicitCurves },
    keyCache,
  })
  if (result.status === 'valid' && certificate.isSelfIssued) return undefined
  if (result.status === 'valid' || result.status === 'invalid') return 'signed-by-another-key'
  return [fault(`signature_${result.status}`, result.reason)]
}

/** The rules of the profile, at the moment the certificate began: whether it has expired since is for each validation to say. */
function profileFaults(certificate: Certificate, profile: ProfileName, keyCache: KeyCache): readonly Fault[] {
  const { valid, findings } = validateCertificate({
    target: certificate,
    anchors: [certificate],
    profile,
    time: certificate.notBefore,
    keyCache,
  })
  if (valid) return []
  const distinct = new Map(findings.map(({ code, message }) => [`${code} ${message}`, fault(code, message)]))
  return [...distinct.values()]
}

const fault = (code: string, message: string): Fault => ({ code, message: message.slice(0, 300) })
