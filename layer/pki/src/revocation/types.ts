import { optionFields } from '../options/option-fields.ts'
import type { SignatureRequest, SignatureResult } from '../signature/types.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { Name } from '../x509/name.ts'
import type { CertificateList } from './crl.ts'
import type { RevocationEvidence } from './evidence.ts'
import type { RevocationFinding, RevocationSource } from './findings.ts'
import type { RevocationReason } from './revocation-reason.ts'

/**
 * `required`: each certificate must be shown good, else the path fails. `soft-fail`: a certificate without usable evidence
 * passes, and the verdict says so; a revoked one fails all the same. `off`: nothing is looked at.
 */
export type RevocationMode = 'required' | 'soft-fail' | 'off'

/**
 * What counts as evidence. Everything has a default of RFC 5280 and RFC 6960; profiles narrow it. Limits of age bind evidence that shows a
 * certificate good. Evidence of a revocation that is not a hold counts at any age, since such a revocation does not end (RFC 5280 §5.3.1).
 */
export interface RevocationPolicy {
  readonly mode: RevocationMode
  /** Greatest age in seconds of thisUpdate. Default: none, nextUpdate alone decides. */
  readonly maximumAgeSeconds?: number
  /**
   * Evidence without nextUpdate is fresh for less than so many seconds after its thisUpdate; 0: never. Newer information is always to be had
   * then (RFC 6960 §4.2.2.1), and RFC 5280 §5.1.2.5 leaves open how long such a CRL holds: so it is taken only as an answer of this moment.
   * Default `maximumAgeSeconds`, or 300 where that is not set.
   */
  readonly ageWithoutNextUpdateSeconds?: number
  /** Tolerated difference of clocks in seconds, for times that lie ahead. Default 0. */
  readonly clockSkewSeconds?: number
  /** Accept a CRL that asserts indirectCRL. Default true; the Baseline Requirements §7.2.2.1 forbid such CRLs. */
  readonly indirectCrls?: boolean
  /** Combine delta CRLs with complete ones (`use-deltas` of RFC 5280 §6.3.1). Default true. */
  readonly deltaCrls?: boolean
  /**
   * Accept evidence issued after the moment of validation, as an archive holds it. Then an entry counts only if the certificate was
   * revoked, or its key doubted (invalidityDate), by that moment, or if a key was compromised, because the time of the compromise is unknown.
   * Default false: evidence must have been there at the moment, and every entry counts.
   */
  readonly laterEvidence?: boolean
  /** The nonce of the request: an OCSP response must repeat it (RFC 9654 §2.1). Default: none is asked for. */
  readonly ocspNonce?: Uint8Array
}

/** A key that may sign evidence, with the certificate that vouches for it; an anchor may come without one. */
export interface EvidenceSigner {
  readonly subject: Name
  /** DER SubjectPublicKeyInfo, completed with inherited DSA parameters. */
  readonly spki: Uint8Array
  readonly certificate?: Certificate
}

/** The outcome of validating the path of a CRL issuer or OCSP responder that is not part of the path at hand. */
export type SignerValidation =
  | { readonly valid: true; readonly spki: Uint8Array }
  | { readonly valid: false; readonly reason: string }

/** One run's evidence and the ways back into the validator; the same for each certificate of a path. */
export interface RevocationContext {
  /** The moment of validation in milliseconds since 1970 UTC. */
  readonly at: number
  readonly policy: RevocationPolicy
  readonly evidence: RevocationEvidence
  /** Certificates with this subject that might have signed evidence: intermediates and anchors given to the validation. */
  candidates(subject: Name): Iterable<Certificate>
  /**
   * Validates a path from the trust anchor of the path at hand to `certificate` (RFC 5280 §6.3.3 (f)). `purpose` decides what the end
   * must be: a CRL issuer, or an OCSP responder whose extended key usage is checked here.
   * The callee bounds recursion: the evidence of a signer may need a signer of its own.
   * @param at the moment to validate at, milliseconds since 1970 UTC; evidence about the signer may then be later than it. Default the
   * moment of validation.
   */
  validateSigner(certificate: Certificate, purpose: 'crl-issuer' | 'ocsp-responder', at?: number): SignerValidation
  /**
   * Verifies within the work budget of the run; `exhausted` when nothing is left of it.
   * @param list the CRL whose signature it is, which may remember the outcome
   */
  verifySignature(request: SignatureRequest, list?: CertificateList): SignatureResult | { readonly status: 'exhausted' }
}

/** The certificate in question and the path it was validated in. */
export interface RevocationInput {
  readonly certificate: Certificate
  /** Who issued it: the CA above in the path, or the trust anchor. */
  readonly issuer: EvidenceSigner
  /** All above `certificate` in its validated path, nearest first, the trust anchor last. */
  readonly path: readonly EvidenceSigner[]
  /**
   * What the certificate does in this run. An OCSP responder's may ask not to be checked (id-pkix-ocsp-nocheck, RFC 6960
   * §4.2.2.2.1). Default `path`.
   */
  readonly role?: 'path' | 'crl-issuer' | 'ocsp-responder'
  readonly context: RevocationContext
}

/** One piece of evidence that decided, or was looked at and refused. */
export interface RevocationEvidenceReport {
  readonly source: RevocationSource
  /** Position among the CRLs, or OCSP responses, that the caller gave. */
  readonly index: number
  readonly status: 'good' | 'revoked' | 'unknown' | 'unusable'
  /** Milliseconds since 1970 UTC. */
  readonly thisUpdate?: number
  readonly nextUpdate?: number
  readonly producedAt?: number
  /** The delta CRL that was combined with this CRL. */
  readonly deltaIndex?: number
}

export type RevocationExemption = 'noRevAvail' | 'ocspNoCheck'

export interface RevocationResult {
  readonly status: 'good' | 'revoked' | 'undetermined'
  /** What the status means for the path under the mode: `soft-fail` is a pass that the verdict must name. */
  readonly outcome: 'pass' | 'soft-fail' | 'fail'
  /** CRLReason by its name in RFC 5280 §5.3.1, where revoked. */
  readonly reason?: RevocationReason
  /** Milliseconds since 1970 UTC, where revoked. */
  readonly revocationDate?: number
  readonly findings: readonly RevocationFinding[]
  readonly evidence: readonly RevocationEvidenceReport[]
  /** Set where no evidence is owed: id-pkix-ocsp-nocheck or noRevAvail. The status is then `good`. */
  readonly exempt?: RevocationExemption
}

export const revocationPolicyFields = optionFields<RevocationPolicy>({
  mode: 1,
  maximumAgeSeconds: 1,
  ageWithoutNextUpdateSeconds: 1,
  clockSkewSeconds: 1,
  indirectCrls: 1,
  deltaCrls: 1,
  laterEvidence: 1,
  ocspNonce: 1,
})
