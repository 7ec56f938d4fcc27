import { createHash } from 'node:crypto'
import { readOid } from '../der/oid.ts'
import { oids } from '../der/oid-names.ts'
import { type DerElement, derRules, parseDer } from '../der/reader.ts'
import { contextConstructed, contextPrimitive, tags } from '../der/tags.ts'
import { readGeneralizedTime } from '../der/time.ts'
import { readBitString, readIntegerBytes, readNull, readOctetString, readSmallInteger } from '../der/values.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { parameterFault } from '../signature/parameter-rules.ts'
import type { AlgorithmIdentifier } from '../signature/types.ts'
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { type Extension, readExtensions } from '../x509/extension.ts'
import { expectSequence, expectTag } from '../x509/extensions/expect.ts'
import { type Name, nameFromElement } from '../x509/name.ts'
import { decodeReason } from './crl-entry-scan.ts'
import type { RevocationReason } from './revocation-reason.ts'

/** An OCSP response larger than this is refused. */
const maxOcspBytes = 16 * 1024 * 1024
const maxSingleResponses = 10_000
const maxCertificates = 64

const ocspRules = Object.freeze({ ...derRules, maxBytes: maxOcspBytes })

/** OCSPResponseStatus (RFC 6960 §4.2.1); 4 is not used. */
const ocspStatus = {
  0: 'successful',
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
} as const
type OcspStatus = (typeof ocspStatus)[keyof typeof ocspStatus]

/** CertID (RFC 6960 §4.1.1). */
export interface OcspCertId {
  readonly hashAlgorithm: string
  readonly issuerNameHash: Uint8Array
  readonly issuerKeyHash: Uint8Array
  readonly serialNumber: Uint8Array
}

/** SingleResponse (RFC 6960 §4.2.1). Times in milliseconds since 1970 UTC. */
export interface OcspSingleResponse {
  readonly certId: OcspCertId
  readonly status: 'good' | 'revoked' | 'unknown'
  readonly revocationTime: number | undefined
  readonly reason: RevocationReason | undefined
  readonly thisUpdate: number
  readonly nextUpdate: number | undefined
  readonly extensions: readonly Extension[]
}

/** ResponderID (RFC 6960 §4.2.1): a name, or the SHA-1 of the responder's key. */
export type ResponderId =
  | { readonly kind: 'byName'; readonly name: Name }
  | { readonly kind: 'byKey'; readonly keyHash: Uint8Array }

/** BasicOCSPResponse (RFC 6960 §4.2.1). */
export interface BasicOcspResponse {
  /** The signed octets, a view. */
  readonly tbs: Uint8Array
  readonly responderId: ResponderId
  /** Milliseconds since 1970 UTC. */
  readonly producedAt: number
  readonly responses: readonly OcspSingleResponse[]
  readonly extensions: readonly Extension[]
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
  /** The certificates sent along; unreadable ones are left out, since nothing depends on them but finding the responder. */
  readonly certificates: readonly Certificate[]
}

/** An OCSPResponse (RFC 6960 §4.2.1). `basic` is there exactly when the status is `successful`. */
export interface OcspResponse {
  readonly der: Uint8Array
  readonly status: OcspStatus
  readonly basic: BasicOcspResponse | undefined
  /** SHA-256 over the response, lower-case hexadecimal. */
  readonly fingerprint: string
}

/**
 * Reads one DER OCSP response that fills the bytes. Only the structure is judged: neither signature nor times.
 * @throws ocsp_malformed, also for a response type other than id-pkix-ocsp-basic; der_limit_exceeded over 16 MiB, 10,000
 * single responses or 64 certificates
 */
export function parseOcspResponse(der: Uint8Array): OcspResponse {
  try {
    const reader = expectSequence(parseDer(der, ocspRules))
    const code = readSmallInteger(reader.next(tags.ENUMERATED))
    const status = (ocspStatus as Readonly<Record<number, OcspStatus>>)[code]
    if (status === undefined) throw new PkiError('ocsp_malformed', `response status ${code} is not defined`)
    const bytes = reader.optional(contextConstructed(0))
    reader.finish()
    if ((status === 'successful') !== (bytes !== undefined)) {
      throw new PkiError('ocsp_malformed', 'responseBytes must be there if and only if the status is successful')
    }
    const basic = bytes === undefined ? undefined : readResponseBytes(bytes)
    return { der, status, basic, fingerprint: createHash('sha256').update(der).digest('hex') }
  } catch (cause) {
    throw asOcspError(cause)
  }
}

/** A structural error as the one code of OCSP; everything else as it is. */
export function asOcspError(cause: unknown): unknown {
  if (!isPkiError(cause) || cause.code === 'ocsp_malformed' || cause.code === 'der_limit_exceeded') return cause
  return new PkiError('ocsp_malformed', cause.message, cause.details, { cause })
}

function readResponseBytes(wrapper: DerElement): BasicOcspResponse {
  const inner = wrapper.children()
  const reader = expectSequence(inner.next(tags.SEQUENCE))
  inner.finish()
  const type = readOid(reader.next(tags.OID))
  const octets = readOctetString(reader.next(tags.OCTET_STRING))
  reader.finish()
  if (type !== oids.ocspBasic) throw new PkiError('ocsp_malformed', `response type ${type} is not id-pkix-ocsp-basic`)
  return readBasicResponse(parseDer(octets, ocspRules))
}

function readBasicResponse(element: DerElement): BasicOcspResponse {
  const reader = expectSequence(element)
  const data = reader.next(tags.SEQUENCE)
  const signatureAlgorithm = readAlgorithmIdentifier(reader.next(tags.SEQUENCE))
  const { bytes, unusedBits } = readBitString(reader.next(tags.BIT_STRING))
  const certificates = reader.optional(contextConstructed(0))
  reader.finish()
  if (unusedBits !== 0) throw new PkiError('ocsp_malformed', 'signature is no whole number of octets')
  return {
    tbs: data.raw,
    ...readResponseData(data),
    signatureAlgorithm,
    signature: bytes,
    certificates: certificates === undefined ? [] : readCertificateSequence(certificates),
  }
}

function readResponseData(
  data: DerElement,
): Pick<BasicOcspResponse, 'responderId' | 'producedAt' | 'responses' | 'extensions'> {
  const reader = data.children()
  readVersion(reader.optional(contextConstructed(0)))
  const responderId = readResponderId(reader.any())
  const producedAt = readGeneralizedTime(reader.any())
  const list = reader.next(tags.SEQUENCE).children()
  const wrapper = reader.optional(contextConstructed(1))
  reader.finish()
  const responses: OcspSingleResponse[] = []
  while (!list.done) {
    if (responses.length === maxSingleResponses) {
      throw new PkiError('der_limit_exceeded', `more than ${maxSingleResponses} single responses`)
    }
    responses.push(readSingleResponse(list.next(tags.SEQUENCE)))
  }
  return { responderId, producedAt, responses, extensions: readWrappedExtensions(wrapper) }
}

/** version [0] EXPLICIT DEFAULT v1. @throws ocsp_malformed for any other version, and for an encoded default */
export function readVersion(wrapper: DerElement | undefined): void {
  if (wrapper !== undefined)
    throw new PkiError('ocsp_malformed', 'version is encoded; only v1, the DEFAULT, is defined')
}

/** Extensions under an explicit tag. @throws der_malformed, extension_duplicate */
export function readWrappedExtensions(wrapper: DerElement | undefined): readonly Extension[] {
  if (wrapper === undefined) return []
  const inner = wrapper.children()
  const extensions = readExtensions(inner.next(tags.SEQUENCE))
  inner.finish()
  return extensions
}

function readResponderId(element: DerElement): ResponderId {
  const reader = element.children()
  if (element.tag === contextConstructed(1)) {
    const name = nameFromElement(reader.any())
    reader.finish()
    void name.rdns
    return { kind: 'byName', name }
  }
  if (element.tag !== contextConstructed(2)) throw new PkiError('ocsp_malformed', 'no ResponderID')
  const keyHash = readOctetString(reader.next(tags.OCTET_STRING))
  reader.finish()
  return { kind: 'byKey', keyHash }
}

/** CertID. @throws der_malformed */
export function readCertId(element: DerElement): OcspCertId {
  const reader = expectSequence(element)
  const { oid, parameters } = readAlgorithmIdentifier(reader.next(tags.SEQUENCE))
  const fault = parameterFault('digest', parameters, 'read')
  if (fault !== undefined) throw new PkiError('der_malformed', `hashAlgorithm has ${fault}`)
  const issuerNameHash = readOctetString(reader.next(tags.OCTET_STRING))
  const issuerKeyHash = readOctetString(reader.next(tags.OCTET_STRING))
  const serialNumber = readIntegerBytes(reader.next(tags.INTEGER))
  reader.finish()
  return { hashAlgorithm: oid, issuerNameHash, issuerKeyHash, serialNumber }
}

function readSingleResponse(element: DerElement): OcspSingleResponse {
  const reader = element.children()
  const certId = readCertId(reader.next(tags.SEQUENCE))
  const status = readCertStatus(reader.any())
  const thisUpdate = readGeneralizedTime(reader.any())
  const next = reader.optional(contextConstructed(0))
  const wrapper = reader.optional(contextConstructed(1))
  reader.finish()
  const nextUpdate = next === undefined ? undefined : readWrappedTime(next)
  return { certId, ...status, thisUpdate, nextUpdate, extensions: readWrappedExtensions(wrapper) }
}

function readWrappedTime(wrapper: DerElement): number {
  const inner = wrapper.children()
  const time = readGeneralizedTime(inner.any())
  inner.finish()
  return time
}

function readCertStatus(element: DerElement): Pick<OcspSingleResponse, 'status' | 'revocationTime' | 'reason'> {
  const nothing = { revocationTime: undefined, reason: undefined }
  if (element.tag === contextPrimitive(0)) {
    readNull(element)
    return { status: 'good', ...nothing }
  }
  if (element.tag === contextPrimitive(2)) {
    readNull(element)
    return { status: 'unknown', ...nothing }
  }
  if (element.tag !== contextConstructed(1)) throw new PkiError('ocsp_malformed', 'no CertStatus')
  const reader = element.children()
  const revocationTime = readGeneralizedTime(reader.any())
  const wrapper = reader.optional(contextConstructed(0))
  reader.finish()
  if (wrapper === undefined) return { status: 'revoked', revocationTime, reason: undefined }
  const inner = wrapper.children()
  const reason = decodeReason(inner.any())
  inner.finish()
  return { status: 'revoked', revocationTime, reason }
}

function readCertificateSequence(wrapper: DerElement): readonly Certificate[] {
  const inner = wrapper.children()
  const list = expectTag(inner.any(), tags.SEQUENCE).children()
  inner.finish()
  const certificates: Certificate[] = []
  for (let count = 0; !list.done; count++) {
    if (count === maxCertificates) throw new PkiError('der_limit_exceeded', `more than ${maxCertificates} certificates`)
    const { raw } = list.next(tags.SEQUENCE)
    try {
      certificates.push(parseCertificate(raw))
    } catch (cause) {
      if (!isPkiError(cause)) throw cause
    }
  }
  return certificates
}
