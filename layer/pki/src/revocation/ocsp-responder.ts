import { createHash } from 'node:crypto'
import { oids } from '../der/oid-names.ts'
import { isPkiError } from '../errors.ts'
import { bytesEqual } from '../x509/bytes.ts'
import type { Certificate } from '../x509/certificate.ts'
import { keyUsageBit } from '../x509/extensions/key-usage.ts'
import type { Name } from '../x509/name.ts'
import { publicKeyBits } from './cert-id.ts'
import { type RevocationFinding, type RevocationFindingCode, revocationFinding } from './findings.ts'
import type { BasicOcspResponse, ResponderId } from './ocsp-response.ts'
import { problemOfStatus } from './problem-of-status.ts'
import type { RevocationInput } from './types.ts'

const delegatedUsages = keyUsageBit.digitalSignature | keyUsageBit.contentCommitment

/**
 * Whether an OCSP response is signed by someone who may answer for the issuer (RFC 6960 §4.2.2.2): the CA itself, or a responder whose
 * certificate that same CA issued directly with id-kp-OCSPSigning. Undefined where it is; else the reasons.
 * @param at the moment at which the responder's path must be valid; default the moment of validation
 */
export function responderProblem(
  basic: BasicOcspResponse,
  index: number,
  input: RevocationInput,
  at?: number,
): readonly RevocationFinding[] | undefined {
  const findings: RevocationFinding[] = []
  const refuse = (code: RevocationFindingCode, message: string) => {
    findings.push(revocationFinding(code, message, 'ocsp', index))
  }
  if (isResponder(basic.responderId, input.issuer.subject, input.issuer.spki)) {
    const problem = responseSignatureProblem(basic, input.issuer.spki, input)
    if (problem === undefined) return undefined
    refuse(problem, 'the response does not verify under the key of the certificate issuer')
  }
  for (const certificate of delegates(basic, input)) {
    const problem = delegateProblem(basic, certificate, input, at)
    if (problem === undefined) return undefined
    refuse(problem[0], problem[1])
  }
  if (findings.length === 0)
    refuse('ocsp_responder_not_found', 'no certificate with the responder’s name or key is at hand')
  return findings
}

/** ResponderID is matched exactly: by the name's value or by the SHA-1 of the key (RFC 6960 §4.2.2.3). */
function isResponder(id: ResponderId, subject: Name, spki: Uint8Array): boolean {
  if (id.kind === 'byName') return id.name.equals(subject)
  return bytesEqual(id.keyHash, createHash('sha1').update(publicKeyBits(spki)).digest())
}

function delegates(basic: BasicOcspResponse, input: RevocationInput): readonly Certificate[] {
  const { responderId } = basic
  const others = responderId.kind === 'byName' ? input.context.candidates(responderId.name) : []
  const seen = new Set<string>()
  return [...basic.certificates, ...others].filter(certificate => {
    if (seen.has(certificate.fingerprint)) return false
    seen.add(certificate.fingerprint)
    try {
      return isResponder(responderId, certificate.subject, certificate.subjectPublicKeyInfo.raw)
    } catch (cause) {
      // A certificate sent along whose name or key cannot be read belongs to no responder.
      if (!isPkiError(cause)) throw cause
      return false
    }
  })
}

/** Cheap checks first, signatures after them, the path last. */
function delegateProblem(
  basic: BasicOcspResponse,
  certificate: Certificate,
  input: RevocationInput,
  at: number | undefined,
): readonly [RevocationFindingCode, string] | undefined {
  try {
    const unauthorized = authorizationProblem(certificate, input)
    if (unauthorized !== undefined) return ['ocsp_responder_unauthorized', unauthorized]
    const { issuer, context } = input
    const signature = responseSignatureProblem(basic, certificate.subjectPublicKeyInfo.raw, input)
    if (signature !== undefined) return [signature, 'the response does not verify under the delegated responder’s key']
    const issued = context.verifySignature({
      algorithm: certificate.signatureAlgorithm,
      spki: issuer.spki,
      data: certificate.tbs,
      signature: certificate.signature,
    })
    if (issued.status !== 'valid') {
      return ['ocsp_responder_unauthorized', 'the responder’s certificate is not signed by the CA it answers for']
    }
    const path = context.validateSigner(certificate, 'ocsp-responder', at)
    return path.valid ? undefined : ['ocsp_responder_invalid', `no valid path to the responder: ${path.reason}`]
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return ['ocsp_responder_invalid', cause.message]
  }
}

function authorizationProblem(certificate: Certificate, input: RevocationInput): string | undefined {
  if (!certificate.issuer.equals(input.issuer.subject)) {
    return 'the responder’s certificate is not issued by the CA it answers for'
  }
  // RFC 6960 §4.2.2.2: the purpose must be there by name; anyExtendedKeyUsage delegates nothing.
  if (!certificate.extendedKeyUsage?.includes(oids.OCSPSigning)) {
    return 'the responder’s certificate has no id-kp-OCSPSigning'
  }
  const usage = certificate.keyUsage
  if (usage !== undefined && (usage & delegatedUsages) === 0) {
    return 'the responder’s keyUsage allows no signatures on data'
  }
  // A certificate cannot vouch for itself.
  if (certificate.fingerprint === input.certificate.fingerprint) return 'the certificate in question is the responder'
  return undefined
}

function responseSignatureProblem(
  basic: BasicOcspResponse,
  spki: Uint8Array,
  input: RevocationInput,
): RevocationFindingCode | undefined {
  const { status } = input.context.verifySignature({
    algorithm: basic.signatureAlgorithm,
    spki,
    data: basic.tbs,
    signature: basic.signature,
  })
  return problemOfStatus(status, 'ocsp_signature_invalid')
}
