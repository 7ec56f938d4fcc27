import type { HashName } from '../signature/hash-algorithms.ts'
import type { SignatureScheme } from '../signature/signature-scheme.ts'
import type { PathFindingCode } from '../verdict/findings.ts'
import type { Certificate } from '../x509/certificate.ts'

/** Where a certificate stands in a path. */
export type Role = 'anchor' | 'ca' | 'target'

/** What a rule may know besides the certificate. */
interface RuleContext {
  readonly profile: Profile
  /** The moment of validation, milliseconds since 1970 UTC. */
  readonly at: number
}

/** One requirement on one certificate, apart from the path it stands in. */
export interface CertificateRule {
  readonly code: PathFindingCode
  readonly roles: readonly Role[]
  /** Undefined where the requirement is met, else what is wrong. May throw the coded errors of a lazy getter. */
  readonly check: (certificate: Certificate, context: RuleContext, role: Role) => string | undefined
}

/** The public keys a profile allows. What is left out is forbidden. */
export interface KeyPolicy {
  readonly rsa?: { readonly minBits: number; readonly multipleOf?: number }
  readonly dsa?: { readonly minBits: number }
  /** Names of NAMED_CURVES. */
  readonly curves: readonly string[]
  /** Accept parameters spelt out, where they equal one of `curves`. */
  readonly explicitCurves: boolean
  /** EdDSA, ML-DSA, SLH-DSA by the runtime's name. */
  readonly pure: readonly string[]
  /** Whether a target may have a key that signs nothing or is not known, as those do that only encrypt. Default false. */
  readonly others?: boolean
}

/** The hashes of each kind of signature; a kind that is left out is forbidden. `pure` hashes inside. */
export type SignaturePolicy = Readonly<Partial<Record<Exclude<SignatureScheme['kind'], 'pure'>, readonly HashName[]>>>

/** The extended key usage a profile asks for. */
interface PurposePolicy {
  /** OIDs; each must be allowed by the target and by every CA that restricts purposes. */
  readonly purposes: readonly string[]
  /** Whether anyExtendedKeyUsage stands for them. */
  readonly anyAccepted: boolean
  /** Whether the purposes of an anchor's certificate bind too. Default true. */
  readonly anchorPurposes?: boolean
}

export type ProfileName =
  | 'rfc5280'
  | 'webpki'
  | 'icao-csca'
  | 'icao-dsc'
  | 'master-list-signer'
  | 'ocsp'
  | 'code-signing'
  | 'timestamping'
  | 'mtls-client'

/** A named set of requirements. Data: nothing here depends on a request. */
export interface Profile {
  readonly name: ProfileName
  readonly description: string
  readonly keys: KeyPolicy
  readonly signatures: SignaturePolicy
  readonly purpose: PurposePolicy | undefined
  /** Requirements on each certificate beyond the path algorithm's own. */
  readonly rules: readonly CertificateRule[]
  /**
   * Whether the certificate profile of RFC 5280 §4, what a conforming CA must do, is enforced beside the path algorithm of §6.1,
   * which is what a relying party must do. `for-peer`: as soon as the caller names a peer or a purpose.
   */
  readonly conformance: 'always' | 'for-peer' | 'never'
  /** RFC 5280 §4.2.1.10 wants nameConstraints critical; the Baseline Requirements §7.1.2.10.8 make an exception. */
  readonly nonCriticalNameConstraints: boolean
  /**
   * Whether a link certificate that carries nameChange counts as self-issued: the CA is the same, its name is not (Doc 9303-12 §7.1.1.5).
   */
  readonly nameChangeLinks: boolean
  /**
   * Whether an anchor that another CA has issued must identify its issuer's key when §4 is enforced: RFC 5280 §4.2.1.1 to the letter excepts
   * self-signed certificates alone. A path ends at its anchor, so that only the profile of that letter asks for it.
   */
  readonly anchorNamesIssuer: boolean
  /** Named departures from a standard that a caller may switch on under this profile. */
  readonly compatibilities: readonly ProfileCompatibility[]
}

export type ProfileCompatibility =
  /** Accept an RSA signature whose DigestInfo leaves out the NULL of the parameters. */
  | 'rsa-digestinfo-without-null'
  /** Read extensions of certificates that are BER and not DER, and a key identifier that lacks its OCTET STRING. */
  | 'lenient-extensions'
