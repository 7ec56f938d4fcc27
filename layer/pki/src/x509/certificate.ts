import { createHash } from 'node:crypto'
import { OID } from '../der/oid-names.ts'
import { DER_RULES, type DerElement, type DerReader, parseDer } from '../der/reader.ts'
import { contextConstructed, contextPrimitive, TAG } from '../der/tags.ts'
import { readTime } from '../der/time.ts'
import { readBitString, readIntegerBytes, readSmallInteger } from '../der/values.ts'
import { isPkiError, PkiError } from '../errors.ts'
import type { AlgorithmIdentifier } from '../signature/types.ts'
import { readAlgorithmIdentifier } from './algorithm-identifier.ts'
import { bytesEqual, toHex } from './bytes.ts'
import { type Extension, readExtensions } from './extension.ts'
import { EXTENSION_DECODERS, type ExtensionValue, type KnownExtensionOid } from './extensions/index.ts'
import { displayName, Name } from './name.ts'
import { SubjectPublicKeyInfo } from './public-key-info.ts'

/** A certificate larger than this is refused. */
export const MAX_CERTIFICATE_BYTES = 1024 * 1024

const CERTIFICATE_RULES = Object.freeze({ ...DER_RULES, maxBytes: MAX_CERTIFICATE_BYTES })
const NO_EXTENSIONS: readonly Extension[] = Object.freeze([])

/** A certificate in a report. Times are RFC 3339, the serial number and SHA-256 are hexadecimal. */
export interface CertificateSummary {
  readonly subject: string
  readonly issuer: string
  readonly serialNumber: string
  readonly notBefore: string
  readonly notAfter: string
  readonly sha256: string
}

/** The elements of a certificate whose content is decoded on demand. */
interface Parts {
  readonly tbs: DerElement
  readonly outerAlgorithm: DerElement
  readonly innerAlgorithm: DerElement
  readonly validity: DerElement
  readonly signature: DerElement
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
  readonly #parts: Parts
  #algorithm: AlgorithmIdentifier | undefined
  #fingerprint: string | undefined
  #selfIssued: boolean | undefined

  /** @internal Reads the body of a certificate; use {@link parseCertificate}. */
  constructor(der: Uint8Array) {
    const outer = expectRoot(der).children()
    const tbs = outer.next(TAG.SEQUENCE)
    const outerAlgorithm = outer.next(TAG.SEQUENCE)
    const signature = outer.next(TAG.BIT_STRING)
    outer.finish()

    const reader = tbs.children()
    this.der = der
    this.version = readVersion(reader.optional(contextConstructed(0)))
    this.serialNumber = readIntegerBytes(reader.next(TAG.INTEGER))
    const innerAlgorithm = reader.next(TAG.SEQUENCE)
    this.issuer = new Name(reader.next(TAG.SEQUENCE))
    const validity = reader.next(TAG.SEQUENCE)
    const times = validity.children()
    this.notBefore = readTime(times.any())
    this.notAfter = readTime(times.any())
    times.finish()
    this.subject = new Name(reader.next(TAG.SEQUENCE))
    this.subjectPublicKeyInfo = new SubjectPublicKeyInfo(reader.next(TAG.SEQUENCE))
    this.hasUniqueIdentifiers = this.#skipUniqueIdentifiers(reader)
    this.extensions = this.#readExtensions(reader)
    reader.finish()
    this.#parts = { tbs, outerAlgorithm, innerAlgorithm, validity, signature }
  }

  #skipUniqueIdentifiers(reader: DerReader): boolean {
    const issuerId = reader.optional(contextPrimitive(1))
    const subjectId = reader.optional(contextPrimitive(2))
    if (issuerId === undefined && subjectId === undefined) return false
    if (this.version === 1) throw new PkiError('certificate_malformed', 'unique identifier in a v1 certificate')
    return true
  }

  #readExtensions(reader: DerReader): readonly Extension[] {
    const wrapper = reader.optional(contextConstructed(3))
    if (wrapper === undefined) return NO_EXTENSIONS
    if (this.version !== 3) throw new PkiError('certificate_malformed', 'extensions in a certificate that is not v3')
    const inner = wrapper.children()
    const list = inner.next(TAG.SEQUENCE)
    inner.finish()
    return readExtensions(list)
  }

  /** The signed octets: tbsCertificate with tag and length, a view. */
  get tbs(): Uint8Array {
    return this.#parts.tbs.raw
  }

  /** The outer signatureAlgorithm. @throws der_malformed */
  get signatureAlgorithm(): AlgorithmIdentifier {
    this.#algorithm ??= readAlgorithmIdentifier(this.#parts.outerAlgorithm)
    return this.#algorithm
  }

  /** RFC 5280 §4.1.1.2: the algorithm inside the signed part MUST be the same as the one outside. */
  get signatureAlgorithmsMatch(): boolean {
    return this.#parts.outerAlgorithm.hasSameEncoding(this.#parts.innerAlgorithm)
  }

  /** The octets of signatureValue. @throws certificate_malformed if it is no whole number of octets */
  get signature(): Uint8Array {
    const { bytes, unusedBits } = readBitString(this.#parts.signature)
    if (unusedBits !== 0) throw new PkiError('certificate_malformed', 'signature is no whole number of octets')
    return bytes
  }

  /** The tags of notBefore and notAfter: UTCTime or GeneralizedTime. */
  get validityTags(): readonly [number, number] {
    const times = this.#parts.validity.children()
    return [times.any().tag, times.any().tag]
  }

  /** SHA-256 over the certificate, lower-case hexadecimal. */
  get fingerprint(): string {
    this.#fingerprint ??= createHash('sha256').update(this.der).digest('hex')
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
    return this.extension(oid)?.decode(EXTENSION_DECODERS[oid] as (value: DerElement) => ExtensionValue<O>)
  }

  /** @throws extension_malformed */
  get basicConstraints(): ExtensionValue<typeof OID.basicConstraints> | undefined {
    return this.decode(OID.basicConstraints)
  }

  /** A mask of KEY_USAGE. @throws extension_malformed */
  get keyUsage(): number | undefined {
    return this.decode(OID.keyUsage)
  }

  /** Key purposes by OID. @throws extension_malformed */
  get extendedKeyUsage(): readonly string[] | undefined {
    return this.decode(OID.extKeyUsage)
  }

  /** @throws extension_malformed */
  get subjectAltName(): ExtensionValue<typeof OID.subjectAltName> | undefined {
    return this.decode(OID.subjectAltName)
  }

  /** @throws extension_malformed */
  get subjectKeyIdentifier(): Uint8Array | undefined {
    return this.decode(OID.subjectKeyIdentifier)
  }

  /** @throws extension_malformed */
  get authorityKeyIdentifier(): ExtensionValue<typeof OID.authorityKeyIdentifier> | undefined {
    return this.decode(OID.authorityKeyIdentifier)
  }
}

function expectRoot(der: Uint8Array): DerElement {
  const root = parseDer(der, CERTIFICATE_RULES)
  if (root.tag !== TAG.SEQUENCE) throw new PkiError('certificate_malformed', 'SEQUENCE expected')
  return root
}

function readVersion(wrapper: DerElement | undefined): 1 | 2 | 3 {
  if (wrapper === undefined) return 1
  const inner = wrapper.children()
  const version = readSmallInteger(inner.next(TAG.INTEGER))
  inner.finish()
  if (version === 1) return 2
  if (version === 2) return 3
  const reason = version === 0 ? 'DEFAULT version v1 is encoded' : `version ${version} is unknown`
  throw new PkiError('certificate_malformed', reason)
}

/**
 * Reads one DER certificate that fills the bytes, without copying them. Only the structure is judged, not the validity.
 * @throws certificate_malformed, extension_duplicate; der_limit_exceeded over 1 MiB, 64 levels or 256 extensions
 */
export function parseCertificate(der: Uint8Array): Certificate {
  try {
    return new Certificate(der)
  } catch (cause) {
    if (!isPkiError(cause, 'der_malformed')) throw cause
    throw new PkiError('certificate_malformed', cause.message, cause.details, { cause })
  }
}
