import { OID } from '../der/oid-names.ts'
import { DER_RULES, type DerElement, DerReader } from '../der/reader.ts'
import { TAG } from '../der/tags.ts'
import { readGeneralizedTime, readTime } from '../der/time.ts'
import { readIntegerBytes, readSmallInteger } from '../der/values.ts'
import { PkiError } from '../errors.ts'
import { bytesEqual } from '../x509/bytes.ts'
import { type Extension, readExtensions } from '../x509/extension.ts'
import { decodeAlternativeName } from '../x509/extensions/alternative-name.ts'
import type { GeneralName } from '../x509/general-name.ts'
import type { Name } from '../x509/name.ts'
import { REVOCATION_REASONS, type RevocationReason } from './revocation-reason.ts'

/** One revoked certificate as a CRL lists it (RFC 5280 §5.1.2.6, §5.3). */
export interface CrlEntry {
  /** Content octets of the INTEGER. */
  readonly serialNumber: Uint8Array
  /** Milliseconds since 1970 UTC. */
  readonly revocationDate: number
  /** `unspecified` where the entry names no reason. */
  readonly reason: RevocationReason
  /** Milliseconds since 1970 UTC. */
  readonly invalidityDate?: number
}

/** What the list around the entries says about them. */
export interface CrlEntriesContext {
  readonly version: 1 | 2
  readonly issuer: Name
  /** The CRL asserts indirectCRL: entries may name another certificate issuer. */
  readonly indirect: boolean
  readonly delta: boolean
}

/** From an entry on, the certificates' issuer (RFC 5280 §5.3.3: the extension holds for the entries that follow). */
interface IssuerChange {
  readonly offset: number
  readonly names: readonly Name[]
}

// After so many searches one by one, an index pays for itself.
const SEARCHES_BEFORE_INDEX = 8

/**
 * The revokedCertificates of one CRL. They are checked once, completely, but not turned into objects: only the offsets are
 * kept, so that a list of a million entries costs four megabytes and is searched in milliseconds.
 */
export class CrlEntries {
  readonly #source: Uint8Array
  readonly #context: CrlEntriesContext
  readonly #offsets: Uint32Array
  readonly #issuers: readonly IssuerChange[]
  #searches = 0
  #sorted: Uint32Array | undefined

  /**
   * Checks every entry.
   * @throws der_malformed, crl_malformed, extension_malformed, extension_duplicate; crl_malformed also for a critical entry extension
   * that is not known: RFC 5280 §5.3 forbids using such a CRL for any certificate.
   */
  constructor(list: DerElement, context: CrlEntriesContext) {
    const scan = new EntryScan(list, context)
    this.#source = list.source
    this.#context = context
    this.#offsets = scan.run()
    this.#issuers = scan.issuers
  }

  get count(): number {
    return this.#offsets.length
  }

  /** The first entry for a certificate, by the content octets of its serial number and its issuer's name. */
  find(serialNumber: Uint8Array, issuer: Name): CrlEntry | undefined {
    this.#searches++
    if (this.#sorted === undefined && this.#searches > SEARCHES_BEFORE_INDEX) this.#sorted = this.#sort()
    const offsets = this.#sorted ?? this.#offsets
    let at = this.#sorted === undefined ? 0 : this.#lowerBound(this.#sorted, serialNumber)
    for (; at < offsets.length; at++) {
      const offset = offsets[at] as number
      if (this.#hasSerial(offset, serialNumber)) {
        if (this.#isFrom(offset, issuer)) return this.#read(offset)
      } else if (this.#sorted !== undefined) return undefined
    }
    return undefined
  }

  /** All entries in the order of the list; for tools, it builds an object for each. */
  *[Symbol.iterator](): IterableIterator<CrlEntry> {
    for (const offset of this.#offsets) yield this.#read(offset)
  }

  #read(offset: number): CrlEntry {
    const reader = new DerReader(this.#source, offset, this.#source.length, 3, DER_RULES).next(TAG.SEQUENCE).children()
    const serialNumber = readIntegerBytes(reader.next(TAG.INTEGER))
    const revocationDate = readTime(reader.any())
    const list = reader.optional(TAG.SEQUENCE)
    const extensions = list === undefined ? [] : readExtensions(list)
    const reason = extensions.find(({ oid }) => oid === OID.reasonCode)?.decode(decodeReason)
    const invalidityDate = extensions.find(({ oid }) => oid === OID.invalidityDate)?.decode(readGeneralizedTime)
    return {
      serialNumber,
      revocationDate,
      reason: reason ?? 'unspecified',
      ...(invalidityDate !== undefined && { invalidityDate }),
    }
  }

  #isFrom(offset: number, issuer: Name): boolean {
    let low = 0
    let high = this.#issuers.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#issuers[middle] as IssuerChange).offset <= offset) low = middle + 1
      else high = middle
    }
    const change = this.#issuers[low - 1]
    if (change === undefined) return this.#context.issuer.equals(issuer)
    return change.names.some(name => name.equals(issuer))
  }

  // Offset of the serial number's content and its length; the scan has shown that both are short form or right.
  #serialAt(offset: number): [number, number] {
    const source = this.#source
    let at = offset + 1
    const first = source[at] as number
    at += first < 0x80 ? 2 : 2 + (first & 0x7f)
    const length = source[at] as number
    if (length < 0x80) return [at + 1, length]
    let size = 0
    for (let index = 1; index <= (length & 0x7f); index++) size = size * 256 + (source[at + index] as number)
    return [at + 1 + (length & 0x7f), size]
  }

  #hasSerial(offset: number, serial: Uint8Array): boolean {
    const [at, length] = this.#serialAt(offset)
    if (length !== serial.length) return false
    for (let index = length - 1; index >= 0; index--) if (this.#source[at + index] !== serial[index]) return false
    return true
  }

  #compare(offset: number, serial: Uint8Array): number {
    const [at, length] = this.#serialAt(offset)
    if (length !== serial.length) return length - serial.length
    for (let index = 0; index < length; index++) {
      const difference = (this.#source[at + index] as number) - (serial[index] as number)
      if (difference !== 0) return difference
    }
    return 0
  }

  // Sorted, not hashed: no choice of serial numbers makes it slow. Equal numbers stay in the order of the list.
  #sort(): Uint32Array {
    const serial = (offset: number) => {
      const [at, length] = this.#serialAt(offset)
      return this.#source.subarray(at, at + length)
    }
    return this.#offsets.slice().sort((a, b) => this.#compare(a, serial(b)) || a - b)
  }

  #lowerBound(sorted: Uint32Array, serial: Uint8Array): number {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#compare(sorted[middle] as number, serial) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

// SEQUENCE { SEQUENCE { reasonCode, OCTET STRING { ENUMERATED n } } }: by far the most frequent entry extensions.
const REASON_ONLY = Uint8Array.of(0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01)

/** The one pass that checks every entry. */
class EntryScan {
  readonly issuers: IssuerChange[] = []
  readonly #list: DerElement
  readonly #context: CrlEntriesContext
  #offsets = new Uint32Array(64)
  #count = 0

  constructor(list: DerElement, context: CrlEntriesContext) {
    this.#list = list
    this.#context = context
  }

  run(): Uint32Array {
    const { source, contentStart, contentEnd } = this.#list
    // Absent rather than empty when nothing is revoked (RFC 5280 §5.1.2.6).
    if (contentStart === contentEnd) throw new PkiError('crl_malformed', 'revokedCertificates is empty')
    const reader = this.#list.children()
    while (!reader.done) {
      const start = reader.offset
      const end = this.#simpleEntryEnd(source, start, contentEnd)
      if (end > 0) reader.offset = end
      else this.#checkEntry(reader.next(TAG.SEQUENCE))
      this.#push(start)
    }
    return this.#offsets.slice(0, this.#count)
  }

  #push(offset: number): void {
    if (this.#count === this.#offsets.length) {
      const grown = new Uint32Array(this.#count * 2)
      grown.set(this.#offsets)
      this.#offsets = grown
    }
    this.#offsets[this.#count++] = offset
  }

  /** End of an entry of the usual form (short lengths, UTCTime, no extension or a reason code), or 0: look closer. */
  #simpleEntryEnd(source: Uint8Array, start: number, limit: number): number {
    const length = source[start + 1] as number
    const end = start + 2 + length
    if (source[start] !== 0x30 || length >= 0x80 || end > limit || source[start + 2] !== TAG.INTEGER) return 0
    const serialLength = source[start + 3] as number
    const date = start + 4 + serialLength
    if (serialLength === 0 || serialLength > 40 || date + 15 > end) return 0
    if (serialLength > 1) {
      const first = source[start + 4] as number
      const sign = (source[start + 5] as number) & 0x80
      if ((first === 0 && sign === 0) || (first === 0xff && sign !== 0)) return 0
    }
    if (source[date] !== TAG.UTC_TIME || source[date + 1] !== 13 || !isPlainDate(source, date + 2)) return 0
    const rest = date + 15
    if (rest === end) return end
    if (this.#context.version === 1 || end - rest !== REASON_ONLY.length + 1) return 0
    for (let index = 0; index < REASON_ONLY.length; index++) if (source[rest + index] !== REASON_ONLY[index]) return 0
    const reason = source[end - 1] as number
    return reason <= 10 && reason !== 7 && reason !== 8 ? end : 0
  }

  #checkEntry(element: DerElement): void {
    const reader = element.children()
    readIntegerBytes(reader.next(TAG.INTEGER))
    readTime(reader.any())
    const list = reader.optional(TAG.SEQUENCE)
    reader.finish()
    if (list === undefined) return
    if (this.#context.version === 1) throw new PkiError('crl_malformed', 'entry extensions in a CRL of version 1')
    for (const extension of readExtensions(list)) this.#checkExtension(extension, element.start)
  }

  #checkExtension(extension: Extension, offset: number): void {
    switch (extension.oid) {
      case OID.reasonCode:
        // RFC 5280 §5.3.1: removeFromCRL may only appear in delta CRLs.
        if (extension.decode(decodeReason) === 'removeFromCRL' && !this.#context.delta) {
          throw new PkiError('crl_malformed', 'removeFromCRL in a CRL that is no delta CRL')
        }
        return
      case OID.invalidityDate:
        extension.decode(readGeneralizedTime)
        return
      case OID.certificateIssuer:
        this.#changeIssuer(extension.decode(decodeAlternativeName), offset)
        return
      default:
        if (extension.critical) {
          throw new PkiError('crl_malformed', 'critical entry extension is unknown', { oid: extension.oid })
        }
    }
  }

  #changeIssuer(names: readonly GeneralName[], offset: number): void {
    if (!this.#context.indirect) {
      throw new PkiError('crl_malformed', 'certificateIssuer in a CRL that is not indirect')
    }
    const directoryNames = names.flatMap(name => (name.kind === 'directoryName' ? [name.value] : []))
    // RFC 5280 §5.3.3: the issuer field's name MUST be here; without it nobody knows whose certificates follow.
    if (directoryNames.length === 0) throw new PkiError('crl_malformed', 'certificateIssuer without a directoryName')
    for (const name of directoryNames) void name.canonical
    const last = this.issuers.at(-1)
    if (last !== undefined && sameNames(last.names, directoryNames)) return
    this.issuers.push({ offset, names: directoryNames })
  }
}

function sameNames(a: readonly Name[], b: readonly Name[]): boolean {
  return a.length === b.length && a.every((name, index) => bytesEqual(name.raw, (b[index] as Name).raw))
}

/** YYMMDDHHMMSSZ with fields in range; the 29th to 31st are left to the thorough reader. */
function isPlainDate(source: Uint8Array, at: number): boolean {
  const two = (offset: number) => {
    const high = (source[at + offset] as number) - 0x30
    const low = (source[at + offset + 1] as number) - 0x30
    return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : 100
  }
  const month = two(2)
  const day = two(4)
  return (
    two(0) < 100 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= 28 &&
    two(6) <= 23 &&
    two(8) <= 59 &&
    two(10) <= 59 &&
    source[at + 12] === 0x5a
  )
}

/** CRLReason (RFC 5280 §5.3.1). @throws der_malformed, crl_malformed */
export function decodeReason(value: DerElement): RevocationReason {
  if (value.tag !== TAG.ENUMERATED) throw new PkiError('der_malformed', 'ENUMERATED expected')
  const code = readSmallInteger(value)
  const reason = (REVOCATION_REASONS as Readonly<Record<number, RevocationReason>>)[code]
  if (reason === undefined) throw new PkiError('der_malformed', `CRLReason ${code} is not defined`)
  return reason
}
