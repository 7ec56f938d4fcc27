import { hash } from 'node:crypto'
import { DerCursor } from '../der/cursor.ts'
import { oids } from '../der/oid-names.ts'
import type { DerElement } from '../der/reader.ts'
import { contextConstructed, contextPrimitive, tags } from '../der/tags.ts'
import { readTimeAt } from '../der/time.ts'
import { integerOctets } from '../der/values.ts'
import { isPkiError, PkiError } from '../errors.ts'
import type { AlgorithmIdentifier } from '../signature/types.ts'
import { algorithmIdentifierAt } from './algorithm-identifier.ts'
import { bytesEqual, toHex } from './bytes.ts'
import { type Extension, readExtensions } from './extension.ts'
import { type ExtensionValue, extensionDecoders, type KnownExtensionOid } from './extensions/decoders.ts'
import { displayName, Name } from './name.ts'
import { SubjectPublicKeyInfo } from './public-key-info.ts'

/** A certificate larger than this is refused. */
export const maxCertificateBytes = 1024 * 1024

const noExtensions: readonly Extension[] = Object.freeze([])

/** A certificate in a report. Times are RFC 3339, the serial number and SHA-256 are hexadecimal. */
export interface CertificateSummary {
  readonly subject: string
  readonly issuer: string
  readonly serialNumber: string
  readonly notBefore: string
  readonly notAfter: string
  readonly sha256: string
}

/**
 * An X.509 certificate (RFC 5280 §4.1): a view on its DER bytes, which must not be changed afterwards. The outer structure, the
 * validity and the list of extensions have been checked; names, key and the extensions' values are decoded when first
 * asked for, and their getters throw a coded error if they cannot be. Make one with {@link parseCertificate}.
 */
export class Certificate {
  readonly der: Uint8Array
  readonly version: 1 | 2 | 3
  /** Content octets of the INTEGER, two's complement. */
  readonly serialNumber: Uint8Array
  readonly issuer: Name
  readonly subject: Name
  /** Milliseconds since 1970 UTC, inclusive. */
  readonly notBefore: number
  /** Milliseconds since 1970 UTC, inclusive. */
  readonly notAfter: number
  readonly subjectPublicKeyInfo: SubjectPublicKeyInfo
  readonly extensions: readonly Extension[]
  readonly hasUniqueIdentifiers: boolean
  /** @internal Its extensions are read leniently; see {@link lenientCertificate}. */
  readonly isLenient: boolean
  // Where the parts that are decoded on demand lie in `der`.
  readonly #tbsStart: number
  readonly #tbsEnd: number
  readonly #innerAlgorithmStart: number
  readonly #innerAlgorithmEnd: number
  readonly #outerAlgorithmEnd: number
  readonly #signatureStart: number
  readonly #signatureEnd: number
  readonly #notBeforeTag: number
  readonly #notAfterTag: number
  #algorithm: AlgorithmIdentifier | undefined
  #selfIssued: boolean | undefined
  #fingerprint: string | undefined

  /** @internal Reads the body of a certificate; use {@link parseCertificate}. */
  constructor(der: Uint8Array, lenient = false) {
    const cursor = new DerCursor(der, 0, der.length)
    cursor.next(tags.SEQUENCE)
    const whole = cursor.enter()
    cursor.next(tags.SEQUENCE)
    this.der = der
    this.#tbsStart = cursor.start
    this.#tbsEnd = cursor.offset
    const outer = cursor.enter()
    this.version = readVersion(cursor)
    cursor.next(tags.INTEGER)
    this.serialNumber = integerOctets(der, cursor.contentStart, cursor.contentEnd)
    cursor.next(tags.SEQUENCE)
    this.#innerAlgorithmStart = cursor.start
    this.#innerAlgorithmEnd = cursor.offset
    cursor.next(tags.SEQUENCE)
    this.issuer = new Name(cursor.element(2))
    cursor.next(tags.SEQUENCE)
    const afterValidity = cursor.enter()
    cursor.any()
    this.#notBeforeTag = cursor.tag
    this.notBefore = readTimeAt(der, cursor.tag, cursor.contentStart, cursor.contentEnd)
    cursor.any()
    this.#notAfterTag = cursor.tag
    this.notAfter = readTimeAt(der, cursor.tag, cursor.contentStart, cursor.contentEnd)
    cursor.leave(afterValidity)
    cursor.next(tags.SEQUENCE)
    this.subject = new Name(cursor.element(2))
    cursor.next(tags.SEQUENCE)
    this.subjectPublicKeyInfo = new SubjectPublicKeyInfo(cursor.element(2))
    this.hasUniqueIdentifiers = skipUniqueIdentifiers(cursor, this.version)
    const extensions = readWrappedExtensions(cursor, this.version)
    this.extensions = lenient ? extensions.map(extension => extension.lenient()) : extensions
    this.isLenient = lenient
    cursor.leave(outer)
    cursor.next(tags.SEQUENCE)
    this.#outerAlgorithmEnd = cursor.offset
    cursor.next(tags.BIT_STRING)
    this.#signatureStart = cursor.contentStart
    this.#signatureEnd = cursor.contentEnd
    cursor.leave(whole)
    if (cursor.offset !== der.length) throw new PkiError('certificate_malformed', 'trailing data')
  }

  /** The signed octets: tbsCertificate with tag and length, a view. */
  get tbs(): Uint8Array {
    return this.der.subarray(this.#tbsStart, this.#tbsEnd)
  }

  /** The outer signatureAlgorithm. @throws der_malformed */
  get signatureAlgorithm(): AlgorithmIdentifier {
    this.#algorithm ??= algorithmIdentifierAt(this.der, this.#tbsEnd, this.#outerAlgorithmEnd)
    return this.#algorithm
  }

  /** RFC 5280 §4.1.1.2: the algorithm inside the signed part MUST be the same as the one outside. */
  get signatureAlgorithmsMatch(): boolean {
    const { der } = this
    const length = this.#innerAlgorithmEnd - this.#innerAlgorithmStart
    if (this.#outerAlgorithmEnd - this.#tbsEnd !== length) return false
    for (let index = 0; index < length; index++) {
      if (der[this.#tbsEnd + index] !== der[this.#innerAlgorithmStart + index]) return false
    }
    return true
  }

  /** The octets of signatureValue. @throws certificate_malformed if it is no whole number of octets */
  get signature(): Uint8Array {
    if (this.#signatureEnd === this.#signatureStart || this.der[this.#signatureStart] !== 0) {
      throw new PkiError('certificate_malformed', 'signature is no whole number of octets')
    }
    return this.der.subarray(this.#signatureStart + 1, this.#signatureEnd)
  }

  /** The tags of notBefore and notAfter: UTCTime or GeneralizedTime. */
  get validityTags(): readonly [number, number] {
    return [this.#notBeforeTag, this.#notAfterTag]
  }

  /** SHA-256 over the certificate, lower-case hexadecimal. */
  get fingerprint(): string {
    this.#fingerprint ??= hash('sha256', this.der, 'hex')
    return this.#fingerprint
  }

  /** Subject and public key are encoded alike: to a path, the same entity. */
  isSameEntity(other: Certificate): boolean {
    if (this === other) return true
    return (
      this.subject.hasSameEncoding(other.subject) &&
      bytesEqual(this.subjectPublicKeyInfo.raw, other.subjectPublicKeyInfo.raw)
    )
  }

  /** Serial number in lower-case hexadecimal, as encoded. */
  get serialNumberHex(): string {
    return toHex(this.serialNumber)
  }

  /** Issuer and subject are the same name (RFC 5280 §3.2). @throws name_malformed */
  get isSelfIssued(): boolean {
    this.#selfIssued ??= this.subject.equals(this.issuer)
    return this.#selfIssued
  }

  /** What identifies the certificate in a report. Names that cannot be decoded are left out. */
  toJSON(): CertificateSummary {
    return {
      subject: displayName(this.subject),
      issuer: displayName(this.issuer),
      serialNumber: this.serialNumberHex,
      notBefore: new Date(this.notBefore).toISOString(),
      notAfter: new Date(this.notAfter).toISOString(),
      sha256: this.fingerprint,
    }
  }

  /** The extension with this OID, undecoded. */
  extension(oid: string): Extension | undefined {
    for (const extension of this.extensions) if (extension.oid === oid) return extension
    return undefined
  }

  /**
   * The decoded value of a known extension, undefined where the certificate has none.
   * @throws extension_malformed
   */
  decode<O extends KnownExtensionOid>(oid: O): ExtensionValue<O> | undefined {
    return this.extension(oid)?.decode(extensionDecoders[oid] as (value: DerElement) => ExtensionValue<O>)
  }

  /** @throws extension_malformed */
  get basicConstraints(): ExtensionValue<typeof oids.basicConstraints> | undefined {
    return this.decode(oids.basicConstraints)
  }

  /** A mask of KEY_USAGE. @throws extension_malformed */
  get keyUsage(): number | undefined {
    return this.decode(oids.keyUsage)
  }

  /** Key purposes by OID. @throws extension_malformed */
  get extendedKeyUsage(): readonly string[] | undefined {
    return this.decode(oids.extKeyUsage)
  }

  /** @throws extension_malformed */
  get subjectAltName(): ExtensionValue<typeof oids.subjectAltName> | undefined {
    return this.decode(oids.subjectAltName)
  }

  /** @throws extension_malformed */
  get subjectKeyIdentifier(): Uint8Array | undefined {
    return this.decode(oids.subjectKeyIdentifier)
  }

  /** @throws extension_malformed */
  get authorityKeyIdentifier(): ExtensionValue<typeof oids.authorityKeyIdentifier> | undefined {
    return this.decode(oids.authorityKeyIdentifier)
  }
}

/** `[0] EXPLICIT Version DEFAULT v1`. */
function readVersion(cursor: DerCursor): 1 | 2 | 3 {
  if (!cursor.optional(contextConstructed(0))) return 1
  const limit = cursor.enter()
  cursor.next(tags.INTEGER)
  const { source, contentStart, contentEnd } = cursor
  cursor.leave(limit)
  const octet = contentEnd - contentStart === 1 ? source[contentStart] : undefined
  if (octet === 2) return 3
  if (octet === 1) return 2
  const reason = octet === 0 ? 'DEFAULT version v1 is encoded' : 'version is unknown'
  throw new PkiError('certificate_malformed', reason)
}

function skipUniqueIdentifiers(cursor: DerCursor, version: number): boolean {
  const issuerId = cursor.optional(contextPrimitive(1))
  const subjectId = cursor.optional(contextPrimitive(2))
  if (!issuerId && !subjectId) return false
  if (version === 1) throw new PkiError('certificate_malformed', 'unique identifier in a v1 certificate')
  return true
}

function readWrappedExtensions(cursor: DerCursor, version: number): readonly Extension[] {
  if (!cursor.optional(contextConstructed(3))) return noExtensions
  if (version !== 3) throw new PkiError('certificate_malformed', 'extensions in a certificate that is not v3')
  const limit = cursor.enter()
  cursor.next(tags.SEQUENCE)
  const list = cursor.element(3)
  cursor.leave(limit)
  // What is wrong with a criticality is an error of the extension, not of the whole.
  return readExtensions(list, true)
}

/**
 * Reads one DER certificate that fills the bytes, without copying them. Only the structure is judged, not the validity.
 * @throws certificate_malformed, extension_duplicate; der_limit_exceeded over 1 MiB, 64 levels or 256 extensions
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > maxCertificateBytes) {
    throw new PkiError('der_limit_exceeded', `${der.length} bytes, at most ${maxCertificateBytes} are read`)
  }
  try {
    return new Certificate(der)
  } catch (cause) {
    if (!isPkiError(cause, 'der_malformed')) throw cause
    throw new PkiError('certificate_malformed', cause.message, cause.details, { cause })
  }
}
