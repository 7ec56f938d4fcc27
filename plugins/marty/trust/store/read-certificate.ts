import { MmfError } from '@mmf/framework'
import { type Certificate, isPkiError, readCertificates } from '@mmf/pki'

/** The one certificate of a text: PEM, or base64 of DER. @throws {MmfError} `certificate_malformed` */
export function readCertificate(text: string, path = 'certificate'): Certificate {
  const [certificate, ...others] = parsed(text, path)
  if (certificate !== undefined && others.length === 0) return certificate
  throw malformed(path, `${others.length + 1} certificates; exactly one is wanted`)
}

function parsed(text: string, path: string): readonly Certificate[] {
  try {
    return readCertificates(text)
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    throw malformed(path, cause.message.slice(0, 300), cause)
  }
}

function malformed(path: string, message: string, cause?: unknown): MmfError {
  return new MmfError('certificate_malformed', {
    detail: `${path}: ${message}`,
    errors: [{ path, message, code: 'certificate_malformed' }],
    cause,
  })
}
