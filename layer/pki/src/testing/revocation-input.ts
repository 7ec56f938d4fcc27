import { prepareEvidence } from '../revocation/evidence.ts'
import type { EvidenceSigner, RevocationInput, RevocationPolicy } from '../revocation/types.ts'
import { verifySignature } from '../signature/verify.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { testTime } from './times.ts'

/** What a test of revocation checking gives; everything is DER. */
export interface RevocationInputOptions {
  readonly certificate: Uint8Array
  /** The CAs above it, nearest first, the trust anchor last. */
  readonly path: readonly Uint8Array[]
  readonly crls?: readonly Uint8Array[]
  readonly ocspResponses?: readonly Uint8Array[]
  /** Other certificates at hand. */
  readonly pool?: readonly Uint8Array[]
  readonly at?: Date
  readonly policy?: Partial<RevocationPolicy>
  readonly role?: RevocationInput['role']
  /** Signature checks allowed. Default: no limit. */
  readonly maxSignatureChecks?: number
}

/** An input for checkRevocation, with a count of what it asked for. */
export interface CountingRevocationInput extends RevocationInput {
  readonly counts: { signatures: number; paths: number }
}

/**
 * An input for checkRevocation without the path validator: a signer outside the path is valid if an authority of the path signed its
 * certificate and it is within its dates.
 */
export function revocationInput(options: RevocationInputOptions): CountingRevocationInput {
  const path = options.path.map(der => signerOf(parseCertificate(der)))
  const pool = (options.pool ?? []).map(parseCertificate)
  const at = (options.at ?? testTime).getTime()
  const counts = { signatures: 0, paths: 0 }
  const issuer = path[0]
  if (issuer === undefined) throw new TypeError('a path needs an issuer')
  return {
    certificate: parseCertificate(options.certificate),
    issuer,
    path,
    counts,
    ...(options.role !== undefined && { role: options.role }),
    context: {
      at,
      policy: { mode: 'required', ...options.policy },
      evidence: prepareEvidence(options.crls, options.ocspResponses),
      candidates: subject => pool.filter(certificate => certificate.subject.equals(subject)),
      validateSigner(certificate, _purpose, moment = at) {
        counts.paths++
        if (moment < certificate.notBefore || moment > certificate.notAfter)
          return { valid: false, reason: 'outside its dates' }
        const issued = path.some(authority => isIssuedBy(certificate, authority))
        if (!issued) return { valid: false, reason: 'not issued within the path' }
        return { valid: true, spki: certificate.subjectPublicKeyInfo.raw }
      },
      verifySignature(request) {
        counts.signatures++
        if (counts.signatures > (options.maxSignatureChecks ?? Number.POSITIVE_INFINITY)) return { status: 'exhausted' }
        return verifySignature(request)
      },
    },
  }
}

function signerOf(certificate: Certificate): EvidenceSigner {
  return { subject: certificate.subject, spki: certificate.subjectPublicKeyInfo.raw, certificate }
}

function isIssuedBy(certificate: Certificate, { subject, spki }: EvidenceSigner): boolean {
  if (!certificate.issuer.equals(subject)) return false
  const { signatureAlgorithm: algorithm, tbs: data, signature } = certificate
  return verifySignature({ algorithm, spki, data, signature }).status === 'valid'
}
