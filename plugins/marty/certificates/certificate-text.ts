import { type ErrorCode, MmfError } from '@mmf/framework'
import { type Certificate, certificatesFromPkcs7, isPkiError, parseCertificate, parsePem } from '@mmf/pki'

/** RFC 7468 §5, §8; the names that OpenSSL writes and reads beside them. */
const certificateLabels: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'])
const bundleLabels: ReadonlySet<string> = new Set(['PKCS7', 'CMS', 'PKCS #7 SIGNED DATA'])

export type InputCode = Extract<
  ErrorCode,
  'certificate_malformed' | 'crl_malformed' | 'ocsp_malformed' | 'sod_malformed'
>

/** A refusal that names the place in the request. */
export function malformed(code: InputCode, path: string, reason: string, cause?: unknown): MmfError {
  const message = reason.slice(0, 300)
  return new MmfError(code, { detail: `${path}: ${message}`, errors: [{ path, message, code }], cause })
}

/** Runs a parser; its coded errors become the refusal. */
export function reading<T>(code: InputCode, path: string, read: () => T): T {
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
