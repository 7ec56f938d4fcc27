import { createHash } from 'node:crypto'
import { oids } from '../der/oid-names.ts'
import { type DerElement, derRules, parseDer } from '../der/reader.ts'
import { contextConstructed, tags } from '../der/tags.ts'
import { readGeneralizedTime, readTime } from '../der/time.ts'
import { readBitString, readInteger, readSmallInteger } from '../der/values.ts'
import { isPkiError, PkiError } from '../errors.ts'
import type { AlgorithmIdentifier, SignatureRequest } from '../signature/types.ts'
import { type SignatureVerdict, verifySignature } from '../signature/verify.ts'
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'
import { bytesEqual, bytesKey } from '../x509/bytes.ts'
import { type Extension, type ExtensionDecoder, readExtensions } from '../x509/extension.ts'
import { decodeAlternativeName } from '../x509/extensions/alternative-name.ts'
import {
  type AuthorityKeyIdentifier,
  decodeAuthorityKeyIdentifier,
} from '../x509/extensions/authority-key-identifier.ts'
import { unprocessedContent } from '../x509/extensions/critical-content.ts'
import { type DistributionPoint, decodeCrlDistributionPoints } from '../x509/extensions/crl-distribution-points.ts'
import { expectTag } from '../x509/extensions/expect.ts'
import { type AccessDescription, decodeInformationAccess } from '../x509/extensions/information-access.ts'
import { Name } from '../x509/name.ts'
import { CrlEntries } from './crl-entries.ts'
import { decodeIssuingDistributionPoint, type IssuingDistributionPoint } from './issuing-distribution-point.ts'

/** A CRL larger than this is refused; a million entries with a reason code are about 40 MB. */
const maxCrlBytes = 256 * 1024 * 1024

const crlRules = Object.freeze({ ...derRules, maxBytes: maxCrlBytes })
/** Keys whose verdict on a list is remembered: one or two are right, others are tried because they have the name of the issuer. */
const rememberedKeys = 16
const noExtensions: readonly Extension[] = Object.freeze([])

/** cRLNumber and BaseCRLNumber (RFC 5280 §5.2.3). */
const decodeCrlNumber: ExtensionDecoder<bigint> = value => {
  const number = readInteger(expectTag(value, tags.INTEGER))
  if (number < 0n) throw new PkiError('der_malformed', 'negative CRL number')
  return number
}

/** CRL extensions that are understood here (RFC 5280 §5.2; expiredCertsOnCRL is of X.509). */
const crlExtensionDecoders: Readonly<Record<string, ExtensionDecoder<unknown>>> = {
  [oids.authorityKeyIdentifier]: decodeAuthorityKeyIdentifier,
  [oids.issuerAltName]: decodeAlternativeName,
  [oids.cRLNumber]: decodeCrlNumber,
  [oids.deltaCRLIndicator]: decodeCrlNumber,
  [oids.issuingDistributionPoint]: decodeIssuingDistributionPoint,
  [oids.freshestCRL]: decodeCrlDistributionPoints,
  [oids.authorityInfoAccess]: decodeInformationAccess,
  [oids.expiredCertsOnCRL]: readGeneralizedTime,
}

/**
 * A certificate revocation list (RFC 5280 §5.1): a view on its DER bytes, which must not be changed afterwards. The list's own fields
 * and extensions have been checked; the entries are checked when {@link CertificateList.entries} is first asked for.
 * Make one with {@link parseCrl}.
 */
export class CertificateList {
  readonly der: Uint8Array
  readonly version: 1 | 2
  readonly issuer: Name
  /** Milliseconds since 1970 UTC. */
  readonly thisUpdate: number
  /** Milliseconds since 1970 UTC; undefined where the list names none. */
  readonly nextUpdate: number | undefined
  readonly extensions: readonly Extension[]
  /** The outer signatureAlgorithm. */
  readonly signatureAlgorithm: AlgorithmIdentifier
  /** RFC 5280 §5.1.2.2: the algorithm inside the signed part MUST be the same as the one outside. */
  readonly signatureAlgorithmsMatch: boolean
  readonly signature: Uint8Array
  /** The signed octets: tbsCertList with tag and length, a view. */
  readonly tbs: Uint8Array
  readonly #revoked: DerElement | undefined
  #entries: { readonly entries: CrlEntries | undefined } | { readonly error: PkiError } | undefined
  #fingerprint: string | undefined
  readonly #signatureVerdicts = new Map<string, SignatureVerdict>()

  /** @internal Use {@link parseCrl}. */
  constructor(der: Uint8Array) {
    const outer = expectTag(parseDer(der, crlRules), tags.SEQUENCE).children()
    const tbs = outer.next(tags.SEQUENCE)
    const algorithm = outer.next(tags.SEQUENCE)
    const { bytes, unusedBits } = readBitString(outer.next(tags.BIT_STRING))
    outer.finish()
    if (unusedBits !== 0) throw new PkiError('crl_malformed', 'signature is no whole number of octets')

    const reader = tbs.children()
    this.der = der
    this.tbs = tbs.raw
    this.signature = bytes
    this.version = readVersion(reader.optional(tags.INTEGER))
    const inner = reader.next(tags.SEQUENCE)
    this.signatureAlgorithmsMatch = bytesEqual(inner.raw, algorithm.raw)
    readAlgorithmIdentifier(inner)
    this.signatureAlgorithm = readAlgorithmIdentifier(algorithm)
    this.issuer = new Name(reader.next(tags.SEQUENCE))
    if (this.issuer.rdns.length === 0) throw new PkiError('crl_malformed', 'issuer is empty')
    this.thisUpdate = readTime(reader.any())
    const next = reader.optional(tags.UTC_TIME) ?? reader.optional(tags.GENERALIZED_TIME)
    this.nextUpdate = next === undefined ? undefined : readTime(next)
    this.#revoked = reader.optional(tags.SEQUENCE)
    this.extensions = this.#readExtensions(reader.optional(contextConstructed(0)))
    reader.finish()
    // What is remembered of the signature is about these fields.
    Object.freeze(this.signatureAlgorithm)
    Object.freeze(this)
  }

  #readExtensions(wrapper: DerElement | undefined): readonly Extension[] {
    if (wrapper === undefined) return noExtensions
    if (this.version !== 2) throw new PkiError('crl_malformed', 'extensions in a CRL of version 1')
    const inner = wrapper.children()
    const extensions = readExtensions(inner.next(tags.SEQUENCE))
    inner.finish()
    for (const extension of extensions) {
      const decoder = crlExtensionDecoders[extension.oid]
      if (decoder !== undefined) extension.decode(decoder)
    }
    return extensions
  }

  /**
   * The revoked certificates; undefined where none is.
   * @throws crl_malformed if any entry is, or holds a critical extension that is not known (RFC 5280 §5.3)
   */
  get entries(): CrlEntries | undefined {
    this.#entries ??= this.#scan()
    if ('error' in this.#entries) throw this.#entries.error
    return this.#entries.entries
  }

  #scan(): { readonly entries: CrlEntries | undefined } | { readonly error: PkiError } {
    if (this.#revoked === undefined) return { entries: undefined }
    const { version, issuer } = this
    const indirect = this.issuingDistributionPoint?.indirectCrl ?? false
    try {
      const delta = this.baseCrlNumber !== undefined
      return { entries: new CrlEntries(this.#revoked, { version, issuer, indirect, delta }) }
    } catch (cause) {
      if (!isPkiError(cause)) throw cause
      return { error: asCrlError(cause) }
    }
  }

  /**
   * Verifies the list's own signature under a key. The outcome is remembered with this object for the last few keys, so that a large list that
   * serves many validations is hashed once; another object with the same bytes is verified anew.
   * @param spki DER SubjectPublicKeyInfo
   */
  signatureVerdict(
    spki: Uint8Array,
    { policy, keyCache }: Pick<SignatureRequest, 'policy' | 'keyCache'> = {},
  ): SignatureVerdict {
    const key = `${JSON.stringify(policy ?? {})}${bytesKey(spki)}`
    const known = this.#signatureVerdicts.get(key)
    if (known !== undefined) return known
    const { signatureAlgorithm: algorithm, tbs: data, signature } = this
    const verdict = verifySignature({
      algorithm,
      spki,
      data,
      signature,
      ...(policy !== undefined && { policy }),
      ...(keyCache !== undefined && { keyCache }),
    })
    for (const oldest of this.#signatureVerdicts.keys()) {
      if (this.#signatureVerdicts.size < rememberedKeys) break
      this.#signatureVerdicts.delete(oldest)
    }
    this.#signatureVerdicts.set(key, verdict)
    return verdict
  }

  /** SHA-256 over the CRL, lower-case hexadecimal. */
  get fingerprint(): string {
    this.#fingerprint ??= createHash('sha256').update(this.der).digest('hex')
    return this.#fingerprint
  }

  /** OID of a critical extension that is not understood: such a CRL must not be used (RFC 5280 §5.2). */
  get unknownCriticalExtension(): string | undefined {
    return this.extensions.find(extension => extension.critical && !this.#isUnderstood(extension))?.oid
  }

  #isUnderstood(extension: Extension): boolean {
    const { oid } = extension
    const decoder = crlExtensionDecoders[oid]
    if (decoder === undefined) return false
    // §5.2.5: onlySomeReasons has the nine bits of ReasonFlags.
    if (oid === oids.issuingDistributionPoint)
      return ((this.issuingDistributionPoint?.onlySomeReasons ?? 0) & ~0x1ff) === 0
    return unprocessedContent(oid, extension.decode(decoder)) === undefined
  }

  #decode<T>(oid: string): T | undefined {
    const extension = this.extensions.find(candidate => candidate.oid === oid)
    return extension?.decode(crlExtensionDecoders[oid] as ExtensionDecoder<T>)
  }

  get issuingDistributionPoint(): IssuingDistributionPoint | undefined {
    return this.#decode(oids.issuingDistributionPoint)
  }

  /** The extension's octets: two CRLs are of one scope if these are the same (RFC 5280 §6.3.3 (c)). */
  get issuingDistributionPointBytes(): Uint8Array | undefined {
    return this.extensions.find(({ oid }) => oid === oids.issuingDistributionPoint)?.value
  }

  get crlNumber(): bigint | undefined {
    return this.#decode(oids.cRLNumber)
  }

  /** BaseCRLNumber: present in a delta CRL only (RFC 5280 §5.2.4). */
  get baseCrlNumber(): bigint | undefined {
    return this.#decode(oids.deltaCRLIndicator)
  }

  get authorityKeyIdentifier(): AuthorityKeyIdentifier | undefined {
    return this.#decode(oids.authorityKeyIdentifier)
  }

  /** Where delta CRLs to this one are (RFC 5280 §5.2.6). */
  get freshestCrl(): readonly DistributionPoint[] | undefined {
    return this.#decode(oids.freshestCRL)
  }

  /** Where the certificate of its issuer is (RFC 5280 §5.2.7). */
  get authorityInfoAccess(): readonly AccessDescription[] | undefined {
    return this.#decode(oids.authorityInfoAccess)
  }

  /** expiredCertsOnCRL: certificates that expired at this moment or later stay listed. Milliseconds since 1970 UTC. */
  get expiredCertsOnCrl(): number | undefined {
    return this.#decode(oids.expiredCertsOnCRL)
  }
}

function readVersion(element: DerElement | undefined): 1 | 2 {
  if (element === undefined) return 1
  const version = readSmallInteger(element)
  if (version !== 1) throw new PkiError('crl_malformed', `version ${version}; if present, it MUST be v2 (1)`)
  return 2
}

function asCrlError(cause: PkiError): PkiError {
  return cause.code === 'crl_malformed' ? cause : new PkiError('crl_malformed', cause.message, cause.details, { cause })
}

/**
 * Reads one DER CRL that fills the bytes, without copying them. Only the structure is judged, not whether it may be used.
 * @throws crl_malformed; der_limit_exceeded over 256 MiB, 64 levels or 256 extensions
 */
export function parseCrl(der: Uint8Array): CertificateList {
  try {
    return new CertificateList(der)
  } catch (cause) {
    if (!isPkiError(cause) || cause.code === 'der_limit_exceeded') throw cause
    throw asCrlError(cause)
  }
}
