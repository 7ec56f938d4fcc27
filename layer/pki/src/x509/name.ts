import { oidName, readOid } from '../der/oid.ts'
import { type DerElement, parseDer } from '../der/reader.ts'
import { isStringTag, readString } from '../der/strings.ts'
import { tags } from '../der/tags.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { toHex } from './bytes.ts'
import {
  canonicalBytes,
  canonicalKey,
  canonicalRdn,
  canonicalRdnsOfPlainName,
  canonicalText,
} from './canonical-name.ts'
import { differInPlainText, isPlainName } from './name-difference.ts'
import type { NameAttribute, RelativeDistinguishedName } from './relative-distinguished-name.ts'

// A name of more relative distinguished names than this is no name, but an attack on the code that compares it.
const maxRdns = 256

/**
 * A distinguished name (RFC 5280 §4.1.2.4), decoded when first asked for.
 * Its getters throw name_malformed for a name that cannot be decoded.
 */
export class Name {
  readonly #element: DerElement
  #raw: Uint8Array | undefined
  #rdns: readonly RelativeDistinguishedName[] | undefined
  #canonical: readonly string[] | undefined
  #text: string | undefined
  #key: string | undefined
  #plain: boolean | undefined

  constructor(element: DerElement) {
    this.#element = element
  }

  /** The encoded name, a view. */
  get raw(): Uint8Array {
    this.#raw ??= this.#element.raw
    return this.#raw
  }

  get isEmpty(): boolean {
    return this.#element.length === 0
  }

  /** Decodes the name unless a look at its octets shows that it can be decoded. @throws name_malformed */
  assertWellFormed(): void {
    if (!this.#isPlain()) void this.rdns
  }

  #isPlain(): boolean {
    this.#plain ??= isPlainName(this.#element)
    return this.#plain
  }

  /** @throws name_malformed */
  get rdns(): readonly RelativeDistinguishedName[] {
    this.#rdns ??= decodeRdns(this.#element)
    return this.#rdns
  }

  /**
   * One string per relative distinguished name, equal exactly where RFC 5280 §7.1 calls the two equal.
   * @throws name_malformed
   */
  get canonical(): readonly string[] {
    this.#canonical ??= this.#isPlain() ? canonicalRdnsOfPlainName(this.#element) : this.rdns.map(canonicalRdn)
    return this.#canonical
  }

  /** The name as octets that are the same exactly for names that are equal. @throws name_malformed */
  get canonicalBytes(): Uint8Array {
    return canonicalBytes(this.canonical)
  }

  /** The same as text: what to look names up by in memory. @throws name_malformed */
  get canonicalText(): string {
    this.#text ??= canonicalText(this.canonical)
    return this.#text
  }

  /**
   * SHA-256 over {@link canonicalBytes}, lower-case hexadecimal: what to look names up by in tables.
   * @throws name_malformed
   */
  get key(): string {
    this.#key ??= canonicalKey(this.canonical)
    return this.#key
  }

  /** RFC 5280 §7.1: identical, or equal after string preparation. @throws name_malformed */
  equals(other: Name): boolean {
    if (this === other || this.hasSameEncoding(other)) return true
    if (differInPlainText(this.#element, other.#element)) return false
    const mine = this.canonical
    const theirs = other.canonical
    return mine.length === theirs.length && mine.every((rdn, index) => rdn === theirs[index])
  }

  /** The two are encoded alike, octet by octet. */
  hasSameEncoding(other: Name): boolean {
    return this.#element.hasSameEncoding(other.#element)
  }

  /** True if this name is `base` or lies in the subtree under it (RFC 5280 §7.1). @throws name_malformed */
  isWithin(base: Name): boolean {
    const mine = this.canonical
    const theirs = base.canonical
    return theirs.length <= mine.length && theirs.every((rdn, index) => rdn === mine[index])
  }

  /** The texts of all attributes of one type, in order. @throws name_malformed */
  values(type: string): readonly string[] {
    const found: string[] = []
    for (const rdn of this.rdns) {
      for (const attribute of rdn)
        if (attribute.type === type && attribute.text !== undefined) found.push(attribute.text)
    }
    return found
  }

  /** RFC 4514 text, most significant part last; unknown attribute types by OID. @throws name_malformed */
  toString(): string {
    return this.rdns.map(rdnToString).toReversed().join(',')
  }
}

/** The name as text; empty where it cannot be decoded, so that a report of what is wrong never fails itself. */
export function displayName(name: Name): string {
  try {
    return name.toString()
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return ''
  }
}

/** Reads a Name from an element whose tag is checked here. @throws name_malformed */
export function nameFromElement(element: DerElement): Name {
  if (element.tag !== tags.SEQUENCE) throw new PkiError('name_malformed', 'SEQUENCE of RDNs expected')
  return new Name(element)
}

/** Reads a Name from its DER encoding. @throws der_malformed, name_malformed */
export function parseName(der: Uint8Array): Name {
  return nameFromElement(parseDer(der))
}

/** The key of a name in memory; undefined for one that cannot be decoded, which equals its own encoding alone. */
export function keyOfName(name: Name): string | undefined {
  try {
    return name.canonicalText
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return undefined
  }
}

/**
 * The key in memory of the name that nameRelativeToCRLIssuer (RFC 5280 §4.2.1.13) makes of the name of the CRL issuer.
 * @throws name_malformed
 */
export function keyOfRelativeName(base: Name, rdn: RelativeDistinguishedName): string {
  return canonicalText([...base.canonical, canonicalRdn(rdn)])
}

function decodeRdns(element: DerElement): readonly RelativeDistinguishedName[] {
  try {
    const rdns: RelativeDistinguishedName[] = []
    const reader = element.children()
    while (!reader.done) {
      if (rdns.length === maxRdns) throw new PkiError('name_malformed', `more than ${maxRdns} RDNs`)
      rdns.push(readRdn(reader.next(tags.SET)))
    }
    return rdns
  } catch (cause) {
    throw asNameError(cause)
  }
}

/** The attributes of one SET (or of an implicitly tagged one). @throws name_malformed, der_malformed */
export function readRdn(set: DerElement): RelativeDistinguishedName {
  const attributes: NameAttribute[] = []
  const reader = set.children()
  while (!reader.done) {
    const pair = reader.next(tags.SEQUENCE).children()
    const type = readOid(pair.next(tags.OID))
    const value = pair.any()
    pair.finish()
    attributes.push({
      type,
      tag: value.tag,
      text: isStringTag(value.tag) ? readString(value) : undefined,
      raw: value.raw,
    })
  }
  if (attributes.length === 0) throw new PkiError('name_malformed', 'empty RDN')
  return attributes
}

function asNameError(cause: unknown): unknown {
  if (!(cause instanceof PkiError) || cause.code !== 'der_malformed') return cause
  return new PkiError('name_malformed', cause.message, cause.details, { cause })
}

const shortNames: Readonly<Record<string, string>> = {
  commonName: 'CN',
  localityName: 'L',
  stateOrProvinceName: 'ST',
  organizationName: 'O',
  organizationalUnitName: 'OU',
  countryName: 'C',
  streetAddress: 'STREET',
  domainComponent: 'DC',
  userId: 'UID',
}

function rdnToString(rdn: RelativeDistinguishedName): string {
  return rdn
    .map(({ type, text, raw }) => {
      const name = oidName(type)
      return `${shortNames[name] ?? name}=${text === undefined ? `#${toHex(raw)}` : escapeValue(text)}`
    })
    .join('+')
}

// RFC 4514 §2.4; control characters are escaped too, so that a name cannot forge a line of a log.
function escapeValue(text: string): string {
  return text
    .replace(/[\\",+;<>]/g, character => `\\${character}`)
    .replace(/^[ #]/, character => `\\${character}`)
    .replace(/ $/, '\\ ')
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, character =>
      Array.from(new TextEncoder().encode(character), octet => `\\${octet.toString(16).padStart(2, '0')}`).join(''),
    )
}
