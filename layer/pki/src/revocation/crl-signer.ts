import { oids } from '../der/oid-names.ts'
import { isPkiError } from '../errors.ts'
import { signatureAlgorithmByOid } from '../signature/signature-algorithms.ts'
import { bytesEqual } from '../x509/bytes.ts'
import type { Certificate } from '../x509/certificate.ts'
import { keyUsageBit } from '../x509/extensions/key-usage.ts'
import type { CertificateList } from './crl.ts'
import { directoryNames } from './crl-scope.ts'
import { type RevocationFinding, type RevocationFindingCode, revocationFinding } from './findings.ts'
import { problemOfStatus } from './problem-of-status.ts'
import type { EvidenceSigner, RevocationInput } from './types.ts'
import type { WorkBudget } from './work-budget.ts'

/** The key that a CRL was shown to be signed with, or why none was. */
export type CrlSignerResult =
  | { readonly signer: EvidenceSigner }
  | { readonly signer: undefined; readonly findings: readonly RevocationFinding[] }

/**
 * Steps (f) and (g) of RFC 5280 §6.3.3: finds a key in the CRL issuer's name under which the signature verifies, whose certificate may
 * sign CRLs, and whose path leads to the same trust anchor. Authorities of the path at hand have been validated already; any
 * other certificate goes back through the validator.
 * @param at the moment at which the signer's path must be valid; default the moment of validation
 */
export function findCrlSigner(
  crl: CertificateList,
  index: number,
  input: RevocationInput,
  budget: WorkBudget,
  at?: number,
): CrlSignerResult {
  const findings: RevocationFinding[] = []
  const refuse = (code: RevocationFindingCode, message: string) => {
    findings.push(revocationFinding(code, message, 'crl', index))
  }
  for (const { signer, validated } of signerCandidates(crl, input)) {
    budget.spend(1)
    if (!maySignCrls(signer)) {
      refuse('crl_signer_key_usage', 'the issuer’s keyUsage does not include cRLSign')
      continue
    }
    const problem = signatureProblem(crl, signer.spki, input)
    if (problem !== undefined) {
      refuse(problem, signatureMessages[problem])
      continue
    }
    if (validated || signer.certificate === undefined) return { signer }
    const path = input.context.validateSigner(signer.certificate, 'crl-issuer', at)
    if (path.valid) return { signer: { ...signer, spki: path.spki } }
    refuse('crl_signer_invalid', `no valid path to the CRL issuer: ${path.reason}`)
  }
  if (findings.length === 0) refuse('crl_signer_not_found', 'no certificate of the CRL issuer is at hand')
  return { signer: undefined, findings }
}

type SignatureProblem =
  | 'crl_signature_algorithms_differ'
  | 'crl_signature_invalid'
  | 'algorithm_unavailable'
  | 'revocation_work_exhausted'

export const signatureMessages: Readonly<Record<SignatureProblem, string>> = {
  crl_signature_algorithms_differ: 'the algorithm inside the signed part is not the one outside',
  crl_signature_invalid: 'the signature does not verify under the key of the issuer',
  algorithm_unavailable: 'the runtime or this package lacks the algorithm of the signature',
  revocation_work_exhausted: 'no signature checks are left',
}

/** Verifies a CRL under one key; step (h) for a delta uses the key of its complete CRL. */
export function signatureProblem(
  crl: CertificateList,
  spki: Uint8Array,
  input: RevocationInput,
): SignatureProblem | undefined {
  if (!crl.signatureAlgorithmsMatch && !isKeyBound(crl)) return 'crl_signature_algorithms_differ'
  const { signatureAlgorithm: algorithm, tbs: data, signature } = crl
  const { status } = input.context.verifySignature({ algorithm, spki, data, signature }, crl)
  return problemOfStatus(status, 'crl_signature_invalid')
}

/**
 * EdDSA, ML-DSA and SLH-DSA: the key alone decides the algorithm. What the copy inside the signed part protects from, another hash or
 * padding put outside, cannot happen, and issuers that changed their keys are known to have left the old name inside. So a
 * difference is refused for the others, and for these only remarked on.
 */
function isKeyBound(crl: CertificateList): boolean {
  return signatureAlgorithmByOid(crl.signatureAlgorithm.oid)?.scheme?.kind === 'pure'
}

interface Candidate {
  readonly signer: EvidenceSigner
  readonly validated: boolean
}

function* signerCandidates(crl: CertificateList, input: RevocationInput): Iterable<Candidate> {
  const inPath = input.path.filter(({ subject }) => subject.equals(crl.issuer))
  for (const signer of inPath) yield { signer, validated: true }
  const seen = new Set(
    inPath.flatMap(({ certificate }) => (certificate === undefined ? [] : [certificate.fingerprint])),
  )
  // A certificate does not vouch for itself, unless its CA wrote into it that the CRLs about it are its own. Its path has been validated
  // when this is asked; only its revocation is open.
  if (namesItselfCrlIssuer(input.certificate) && input.certificate.subject.equals(crl.issuer)) {
    yield { signer: signerOf(input.certificate), validated: true }
  }
  seen.add(input.certificate.fingerprint)
  const others = [...input.context.candidates(crl.issuer)].filter(certificate => {
    const fresh = !seen.has(certificate.fingerprint) && certificate.subject.equals(crl.issuer)
    seen.add(certificate.fingerprint)
    return fresh
  })
  // The authority key identifier is a hint only (RFC 5280 §5.2.1): it orders the attempts and refuses nothing.
  const hint = crl.authorityKeyIdentifier?.keyIdentifier
  const hinted = hint === undefined ? [] : others.filter(certificate => hasKeyIdentifier(certificate, hint))
  const rest = others.filter(certificate => !hinted.includes(certificate))
  for (const certificate of [...hinted, ...rest]) {
    yield { signer: signerOf(certificate), validated: false }
  }
}

function signerOf(certificate: Certificate): EvidenceSigner {
  return { subject: certificate.subject, spki: certificate.subjectPublicKeyInfo.raw, certificate }
}

/** A distribution point of the certificate has its own subject as cRLIssuer. */
function namesItselfCrlIssuer(certificate: Certificate): boolean {
  const points = certificate.decode(oids.cRLDistributionPoints) ?? []
  return points.some(({ crlIssuer }) => directoryNames(crlIssuer ?? []).some(name => name.equals(certificate.subject)))
}

/** False also where the identifier cannot be read: a hint that is no hint. */
function hasKeyIdentifier(certificate: Certificate, wanted: Uint8Array): boolean {
  try {
    const id = certificate.subjectKeyIdentifier
    return id !== undefined && bytesEqual(id, wanted)
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return false
  }
}

/** False also where keyUsage cannot be read. */
function maySignCrls({ certificate }: EvidenceSigner): boolean {
  try {
    const usage = certificate?.keyUsage
    return usage === undefined || (usage & keyUsageBit.cRLSign) !== 0
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return false
  }
}
