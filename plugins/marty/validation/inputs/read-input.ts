import { MmfError } from '@mmf/framework'
import {
  type Certificate,
  type CertificateList,
  type OcspResponse,
  parseCrl,
  parseOcspResponse,
  parsePem,
} from '@mmf/pki'
import {
  bytesOfBase64,
  type InputCode,
  malformed,
  readCertificateText,
  reading,
} from '../../certificates/certificate-text.ts'
import { requestLimits } from '../schemas.ts'
import { nameKey } from './name-key.ts'

/** A certificate to be judged, with those that came in the same text. */
export interface ReadTarget {
  readonly target: Certificate
  readonly others: readonly Certificate[]
}

/**
 * The first certificate of a PEM text; of a bundle the one that issued none of the others.
 * @throws {MmfError} `certificate_malformed`
 */
export function readTarget(text: string, path: string): ReadTarget {
  const { certificates, unordered } = readCertificateText(text, path)
  const target = unordered && certificates.length > 1 ? endOf(certificates, path) : certificates[0]
  if (target === undefined) throw malformed('certificate_malformed', path, 'there is no certificate in the text')
  return { target, others: certificates.filter(certificate => certificate !== target) }
}

function endOf(certificates: readonly Certificate[], path: string): Certificate {
  const names = certificates.map(({ subject, issuer }) => ({ subject: nameKey(subject), issuer: nameKey(issuer) }))
  const issuers = new Set(names.filter(({ subject, issuer }) => subject !== issuer).map(({ issuer }) => issuer))
  const ends = certificates.filter(({ subject }) => !issuers.has(nameKey(subject)))
  const [end] = ends
  if (end !== undefined && ends.length === 1) return end
  throw malformed(
    'certificate_malformed',
    path,
    `the bundle has ${ends.length} certificates that issued none of the others`,
  )
}

/**
 * All certificates of several texts, each once.
 * @param first what the position of the first text is called
 * @throws {MmfError} `certificate_malformed`, `validation_failed`
 */
export function readCertificates(texts: readonly string[] = [], path: string, first = 0): readonly Certificate[] {
  const found = new Map<string, Certificate>()
  for (const [index, text] of texts.entries()) {
    for (const certificate of readCertificateText(text, `${path}.${first + index}`).certificates) {
      found.set(certificate.fingerprint, certificate)
    }
    if (found.size <= requestLimits.helpers) continue
    const message = `more than ${requestLimits.helpers} certificates`
    throw new MmfError('validation_failed', {
      detail: `${path}: ${message}`,
      errors: [{ path, message, code: 'too_big' }],
    })
  }
  return [...found.values()]
}

/** @throws {MmfError} `crl_malformed` */
export function readCrls(texts: readonly string[] = []): readonly CertificateList[] {
  return texts.flatMap((text, index) => {
    const path = `crls.${index}`
    return reading('crl_malformed', path, () => evidenceBytes(text, 'X509 CRL', 'crl_malformed', path).map(parseCrl))
  })
}

/** @throws {MmfError} `ocsp_malformed` */
export function readOcspResponses(texts: readonly string[] = []): readonly OcspResponse[] {
  return texts.flatMap((text, index) => {
    const path = `ocspResponses.${index}`
    const read = () => evidenceBytes(text, 'OCSP RESPONSE', 'ocsp_malformed', path).map(parseOcspResponse)
    return reading('ocsp_malformed', path, read)
  })
}

function evidenceBytes(text: string, wanted: string, code: InputCode, path: string): readonly Uint8Array[] {
  if (!text.includes('-----BEGIN')) {
    const der = bytesOfBase64(text)
    if (der === undefined) throw malformed(code, path, 'neither PEM nor base64')
    return [der]
  }
  const ders = parsePem(text).flatMap(({ label, der }) => (label === wanted ? [der] : []))
  if (ders.length === 0) throw malformed(code, path, `there is no ${wanted} in the text`)
  return ders
}
