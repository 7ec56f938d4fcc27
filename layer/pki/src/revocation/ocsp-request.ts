import { createHash } from 'node:crypto'
import { oids } from '../der/oid-names.ts'
import { derRules, parseDer } from '../der/reader.ts'
import { contextConstructed, tags } from '../der/tags.ts'
import * as der from '../der/writer.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { optionFields } from '../options/option-fields.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { bytesEqual } from '../x509/bytes.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { Extension } from '../x509/extension.ts'
import { expectTag } from '../x509/extensions/expect.ts'
import { criticalNotUnderstood, decodeNonce, requestExtensions } from './ocsp-extensions.ts'
import {
  asOcspError,
  type OcspCertId,
  type OcspResponse,
  readCertId,
  readVersion,
  readWrappedExtensions,
} from './ocsp-response.ts'

/** What is asked about: a certificate and the one that issued it. */
export interface OcspRequestInput {
  readonly certificate: Certificate
  readonly issuer: Certificate
  /** Digest of the CertID. Default sha1, the one every responder understands (RFC 5019 §2.1.1); it protects nothing here. */
  readonly hash?: 'sha1' | 'sha256' | 'sha384' | 'sha512'
  /** 1 to 128 octets, best 32 random ones (RFC 9654 §2.1). Default: no nonce. */
  readonly nonce?: Uint8Array
}

const maxRequestBytes = 1024 * 1024
const maxRequests = 1000

/**
 * Builds an unsigned DER OCSPRequest for one certificate (RFC 6960 §4.1.1).
 * @throws argument_invalid for a nonce of other than 1 to 128 octets
 */
export function buildOcspRequest(input: OcspRequestInput): Uint8Array {
  refuseUnknown(ocspRequestInputFields, input)
  const { certificate, issuer, hash = 'sha1', nonce } = input
  const digest = (bytes: Uint8Array) => der.octetString(new Uint8Array(createHash(hash).update(bytes).digest()))
  const certId = der.sequence(
    der.sequence(der.oid(oids[hash]), der.nullValue()),
    digest(certificate.issuer.raw),
    digest(issuer.subjectPublicKeyInfo.publicKey.bytes),
    der.tlv(tags.INTEGER, certificate.serialNumber),
  )
  const extensions = nonce === undefined ? [] : [nonceExtension(nonce)]
  return der.sequence(der.sequence(der.sequence(der.sequence(certId)), ...extensions))
}

function nonceExtension(nonce: Uint8Array): Uint8Array {
  if (nonce.length < 1 || nonce.length > 128) {
    throw new PkiError('argument_invalid', `nonce of ${nonce.length} octets, 1 to 128 are allowed`)
  }
  const value = der.octetString(der.octetString(nonce))
  return der.explicit(2, der.sequence(der.sequence(der.oid(oids.ocspNonce), value)))
}

/** An OCSPRequest as a responder reads it; a signature is not verified. */
export interface OcspRequest {
  readonly certIds: readonly OcspCertId[]
  readonly nonce: Uint8Array | undefined
  readonly extensions: readonly Extension[]
  /**
   * OID of a critical extension, of the request or of one of the certificates asked about, that is not understood: such a request must not be
   * answered (RFC 6960 §4.1.2).
   */
  readonly unknownCriticalExtension: string | undefined
  readonly signed: boolean
}

/**
 * Reads one DER OCSPRequest that fills the bytes.
 * @throws ocsp_malformed; der_limit_exceeded over 1 MiB or 1,000 certificates
 */
export function parseOcspRequest(bytes: Uint8Array): OcspRequest {
  try {
    const root = parseDer(bytes, { ...derRules, maxBytes: maxRequestBytes })
    const outer = expectTag(root, tags.SEQUENCE).children()
    const reader = outer.next(tags.SEQUENCE).children()
    const signature = outer.optional(contextConstructed(0))
    outer.finish()
    readVersion(reader.optional(contextConstructed(0)))
    reader.optional(contextConstructed(1)) // requestorName
    const list = reader.next(tags.SEQUENCE).children()
    const extensions = readWrappedExtensions(reader.optional(contextConstructed(2)))
    reader.finish()
    const certIds: OcspCertId[] = []
    let unknown = criticalNotUnderstood(extensions, requestExtensions)
    while (!list.done) {
      if (certIds.length === maxRequests) throw new PkiError('der_limit_exceeded', `more than ${maxRequests} requests`)
      const request = list.next(tags.SEQUENCE).children()
      certIds.push(readCertId(request.next(tags.SEQUENCE)))
      const ofOne = readWrappedExtensions(request.optional(contextConstructed(0)))
      unknown ??= criticalNotUnderstood(ofOne, requestExtensions)
      request.finish()
    }
    const nonce = readNonce(extensions)
    return { certIds, nonce, extensions, unknownCriticalExtension: unknown, signed: signature !== undefined }
  } catch (cause) {
    throw asOcspError(cause)
  }
}

/** The nonce among extensions. @throws extension_malformed */
export function readNonce(extensions: readonly Extension[]): Uint8Array | undefined {
  return extensions.find(({ oid }) => oid === oids.ocspNonce)?.decode(decodeNonce)
}

/**
 * How a response answers the nonce of its request: `repeated`, `other` for a different or malformed nonce, or `none` where it holds no nonce,
 * as from a responder that signs its answers ahead of time (RFC 9654 §2.1, RFC 5019 §4). The signature is not verified here.
 */
export function ocspNonceAnswer({ basic }: OcspResponse, nonce: Uint8Array): 'repeated' | 'other' | 'none' {
  try {
    const answered = readNonce(basic?.extensions ?? [])
    if (answered === undefined) return 'none'
    return bytesEqual(answered, nonce) ? 'repeated' : 'other'
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return 'other'
  }
}

export const ocspRequestInputFields = optionFields<OcspRequestInput>({ certificate: 1, issuer: 1, hash: 1, nonce: 1 })
