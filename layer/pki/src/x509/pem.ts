import { Buffer } from 'node:buffer'
import { PkiError } from '../errors.ts'
import { type Certificate, parseCertificate } from './certificate.ts'

/** One block of a PEM text (RFC 7468). */
export interface PemBlock {
  readonly label: string
  readonly der: Uint8Array
}

const maxText = 64 * 1024 * 1024
const beginPattern = /^-----BEGIN ([A-Z0-9][A-Z0-9 -]{0,62})-----$/
const base64Pattern = /^[A-Za-z0-9+/]*={0,2}$/

/**
 * The blocks of a PEM text in order. Text between the blocks is explanation and is passed over; within a block only base64 and
 * white space may stand (RFC 7468 §3, the strict form but for line lengths).
 * @throws pem_malformed; limit_exceeded over 64 MiB
 */
export function parsePem(text: string): readonly PemBlock[] {
  if (text.length > maxText) throw new PkiError('limit_exceeded', `PEM text of ${text.length} characters`)
  const blocks: PemBlock[] = []
  let label: string | undefined
  let lines: string[] = []
  for (const line of text.split(/\r\n|\n|\r/)) {
    const trimmed = line.trim()
    if (label === undefined) {
      label = beginPattern.exec(trimmed)?.[1]
      lines = []
    } else if (trimmed === `-----END ${label}-----`) {
      blocks.push({ label, der: decodeBase64(lines.join('')) })
      label = undefined
    } else if (trimmed.startsWith('-----')) {
      throw new PkiError('pem_malformed', `block ${label} is not closed`)
    } else {
      lines.push(trimmed)
    }
  }
  if (label !== undefined) throw new PkiError('pem_malformed', `block ${label} is not closed`)
  return blocks
}

/** Strict base64 (RFC 4648 §4) without white space. @throws pem_malformed */
export function decodeBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !base64Pattern.test(text)) throw new PkiError('pem_malformed', 'not base64')
  const buffer = Buffer.from(text, 'base64')
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

/** Writes one PEM block, lines of 64 characters (RFC 7468 §2). */
export function toPem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64')
  return `-----BEGIN ${label}-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`
}

const certificateLabels: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE'])

/**
 * Certificates from what people have: a PEM bundle, base64 of one DER certificate, or DER bytes. Other PEM blocks (keys, CRLs) are
 * passed over. PKCS#7 bundles are the business of the CMS module.
 * @throws pem_malformed where no certificate is found; certificate_malformed and its like; limit_exceeded
 */
export function readCertificates(input: string | Uint8Array): readonly Certificate[] {
  if (typeof input !== 'string') {
    // A DER certificate starts with a SEQUENCE; everything else can only be text.
    return input[0] === 0x30 ? [parseCertificate(input)] : readCertificates(Buffer.from(input).toString('latin1'))
  }
  if (!input.includes('-----BEGIN')) return [parseCertificate(decodeBase64(input.replace(/\s+/g, '')))]
  const blocks = parsePem(input).filter(({ label }) => certificateLabels.has(label))
  if (blocks.length === 0) throw new PkiError('pem_malformed', 'no certificate in the text')
  return blocks.map(({ der }) => parseCertificate(der))
}
