import {
  type Certificate,
  type CertificateList,
  isPkiError,
  type MasterList,
  masterListCertificates,
  type OcspRequest,
  type OcspResponse,
  oids,
  parseCertificate,
  parseCrl,
  parseMasterList,
  parseOcspRequest,
  parseOcspResponse,
  parsePem,
  parseSignedData,
  parseSod,
  type SignedData,
  type Sod,
} from '@mmf/pki'
import { failure } from '../failure.ts'
import { readBytes } from '../files.ts'

/** What a file may hold. */
export type PkiItem =
  | { readonly kind: 'certificate'; readonly value: Certificate }
  | { readonly kind: 'crl'; readonly value: CertificateList }
  | { readonly kind: 'ocsp-response'; readonly value: OcspResponse }
  | { readonly kind: 'ocsp-request'; readonly value: OcspRequest }
  | { readonly kind: 'pkcs7'; readonly value: SignedData }
  | { readonly kind: 'signed-data'; readonly value: SignedData }
  | { readonly kind: 'master-list'; readonly value: MasterList; readonly bytes: Uint8Array }
  | { readonly kind: 'sod'; readonly value: Sod }
  /** Something that is named but not shown, such as a private key. */
  | { readonly kind: 'other'; readonly label: string }

/** Everything a file holds, in its order. @throws {Failure} `file_…` */
export function readPkiFile(path: string): readonly PkiItem[] {
  const bytes = readBytes(path)
  try {
    const items = itemsOf(bytes)
    if (items.length > 0) return items
  } catch (error) {
    if (!isPkiError(error)) throw error
    throw failure('file_invalid', `${path}: ${error.message}`, error)
  }
  throw failure('file_invalid', `${path}: there is nothing in it that this command knows`)
}

/** The certificates of a file, those of bundles and lists among them. @throws {Failure} `file_…` */
export function readCertificateFile(path: string): readonly Certificate[] {
  const certificates = readPkiFile(path).flatMap(certificatesOf)
  if (certificates.length === 0) throw failure('file_invalid', `${path}: there is no certificate in it`)
  return certificates
}

export function certificatesOf(item: PkiItem): readonly Certificate[] {
  if (item.kind === 'certificate') return [item.value]
  if (item.kind === 'pkcs7') return item.value.certificates.map(parseCertificate)
  if (item.kind === 'master-list') return masterListCertificates(item.value).certificates
  return []
}

function itemsOf(bytes: Uint8Array): readonly PkiItem[] {
  const first = bytes[0]
  // DER of everything here starts with a SEQUENCE, an EF.SOD with APPLICATION 23 (Doc 9303-10 §4.6.2).
  if (first === 0x30 || first === 0x77) return [itemOf(bytes)]
  const text = Buffer.from(bytes).toString('latin1')
  if (text.includes('-----BEGIN')) return parsePem(text).map(({ label, der }) => itemOfBlock(label, der))
  const compact = text.replace(/\s+/g, '')
  const decoded = Buffer.from(compact, 'base64')
  const isBase64 = (decoded[0] === 0x30 || decoded[0] === 0x77) && decoded.toString('base64') === compact
  return isBase64 ? [itemOf(decoded)] : []
}

/** PEM labels that promise something this command reads (RFC 7468, and what OpenSSL calls the same). */
const readLabels: ReadonlySet<string> = new Set([
  'CERTIFICATE',
  'X509 CERTIFICATE',
  'TRUSTED CERTIFICATE',
  'X509 CRL',
  'PKCS7',
  'PKCS #7 SIGNED DATA',
  'CMS',
  'OCSP RESPONSE',
  'OCSP REQUEST',
])

/** Keys and whatever else stands in the file are named and never looked into. */
const itemOfBlock = (label: string, der: Uint8Array): PkiItem =>
  readLabels.has(label) ? itemOf(der) : { kind: 'other', label }

/** Distinguished by what stands first inside; what no parser takes ends with the certificate's, which most files are meant to be. */
function itemOf(der: Uint8Array): PkiItem {
  if (der[0] === 0x77) return { kind: 'sod', value: parseSod(der, { tolerant: true, allowDataContentType: true }) }
  const inside = contentAt(der)
  if (der[inside] === 0x06) return signedDataItem(der)
  if (der[inside] === 0x0a) return { kind: 'ocsp-response', value: parseOcspResponse(der) }
  if (der[inside] === 0x02) return { kind: 'other', label: 'PRIVATE KEY' }
  return (
    attempt(() => ({ kind: 'certificate', value: parseCertificate(der) })) ??
    attempt(() => ({ kind: 'crl', value: parseCrl(der) })) ??
    attempt(() => ({ kind: 'ocsp-request', value: parseOcspRequest(der) })) ?? {
      kind: 'certificate',
      value: parseCertificate(der),
    }
  )
}

function signedDataItem(der: Uint8Array): PkiItem {
  const signedData = parseSignedData(der, { tolerant: true })
  const { contentType, content, signerInfos } = signedData
  if (contentType === oids.cscaMasterList) {
    return { kind: 'master-list', value: parseMasterList(der, { tolerant: true }), bytes: der }
  }
  const isBundle = content === undefined && signerInfos.length === 0
  return { kind: isBundle ? 'pkcs7' : 'signed-data', value: signedData }
}

function attempt(read: () => PkiItem): PkiItem | undefined {
  try {
    return read()
  } catch (error) {
    if (!isPkiError(error)) throw error
    return undefined
  }
}

/** Where the content of the outermost element starts. */
function contentAt(der: Uint8Array): number {
  const length = der[1] ?? 0
  return length > 0x80 ? 2 + (length & 0x7f) : 2
}
