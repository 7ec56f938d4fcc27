import { type ErrorCode, MmfError } from '@mmf/framework'
import {
  type Certificate,
  type CertificateList,
  certificatesFromPkcs7,
  isPkiError,
  type OcspResponse,
  parseCertificate,
  parseCrl,
  parseOcspResponse,
  parsePem,
} from '@mmf/pki'
import { requestLimits } from './schemas.ts'

/** RFC 7468 §5, §8; the names that OpenSSL writes and reads beside them. */
const certificateLabels: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'])
const bundleLabels: ReadonlySet<string> = new Set(['PKCS7', 'CMS', 'PKCS #7 SIGNED DATA'])

type InputCode = Extract<ErrorCode, 'certificate_malformed' | 'crl_malformed' | 'ocsp_malformed'>

/** A refusal that names the place in the request. */
export function malformed(code: InputCode, path: string, reason: string, cause?: unknown): MmfError {
  const message = reason.slice(0, 300)
  return new MmfError(code, { detail: `${path}: ${message}`, errors: [{ path, message, code }], cause })
}

/** Runs a parser; its coded errors become the refusal. */
function reading<T>(code: InputCode, path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    throw malformed(code, path, cause.message, cause)
  }
}

/** The bytes of a base64 text; line breaks and blanks do not count. Undefined where it is none. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(/\s+/g, '')
  const buffer = Buffer.from(compact, 'base64')
  if (compact === '' || buffer.toString('base64') !== compact) return undefined
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

/** A ContentInfo starts with an object identifier (RFC 5652 §3), a certificate with a SEQUENCE (RFC 5280 §4.1). */
function isContentInfo(der: Uint8Array): boolean {
  const length = der[1] ?? 0
  return der[0] === 0x30 && der[length > 0x80 ? 2 + (length & 0x7f) : 2] === 0x06
}

/** A certificate and those that came with it in the same text. */
export interface ReadCertificates {
  readonly certificates: readonly Certificate[]
  /** The text was a bundle, whose order means nothing. */
  readonly unordered: boolean
}

/** @throws {MmfError} `certificate_malformed` */
export function readCertificateText(text: string, path: string): ReadCertificates {
  return reading('certificate_malformed', path, () => {
    const { ders, unordered } = certificateBytes(text, path)
    if (ders.length === 0) throw malformed('certificate_malformed', path, 'there is no certificate in the text')
    return { certificates: ders.map(parseCertificate), unordered }
  })
}

function certificateBytes(text: string, path: string): { ders: readonly Uint8Array[]; unordered: boolean } {
  if (text.includes('-----BEGIN')) {
    const blocks = parsePem(text)
    const ders = blocks.flatMap(({ label, der }) => {
      if (certificateLabels.has(label)) return [der]
      return bundleLabels.has(label) ? certificatesFromPkcs7(der) : []
    })
    return { ders, unordered: !blocks.some(({ label }) => certificateLabels.has(label)) }
  }
  const der = bytesOfBase64(text)
  if (der === undefined) throw malformed('certificate_malformed', path, 'neither PEM nor base64')
  return isContentInfo(der) ? { ders: certificatesFromPkcs7(der), unordered: true } : { ders: [der], unordered: false }
}

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
  const key = (name: Certificate['subject']) => Buffer.from(name.raw).toString('latin1')
  const issuers = new Set(
    certificates.filter(({ subject, issuer }) => !subject.hasSameEncoding(issuer)).map(({ issuer }) => key(issuer)),
  )
  const ends = certificates.filter(({ subject }) => !issuers.has(key(subject)))
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
