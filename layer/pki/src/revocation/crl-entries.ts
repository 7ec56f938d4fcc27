import { oids } from '../der/oid-names.ts'
import { type DerElement, DerReader, derRules } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import { readGeneralizedTime, readTime } from '../der/time.ts'
import { readIntegerBytes } from '../der/values.ts'
import { readExtensions } from '../x509/extension.ts'
import type { Name } from '../x509/name.ts'
import { type CrlEntriesContext, CrlEntryScan, decodeReason, type IssuerChange } from './crl-entry-scan.ts'
import type { RevocationReason } from './revocation-reason.ts'

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

// After so many searches one by one, an index pays for itself.
const searchesBeforeIndex = 8

// More than fit into the largest CRL that is read. With a rank of 29 bits a packed number stays below 2^53.
const maxEntries = 2 ** 24

/** The length, at most 31, and the last three octets of a serial number: what differs most among numbers of one issuer. 29 bits. */
function rank(source: Uint8Array, at: number, length: number): number {
  const octet = (fromEnd: number) => (length >= fromEnd ? (source[at + length - fromEnd] as number) : 0)
  return Math.min(length, 31) * 2 ** 24 + octet(1) * 2 ** 16 + octet(2) * 2 ** 8 + octet(3)
}

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
    const scan = new CrlEntryScan(list, context)
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
    if (this.#sorted === undefined && this.#searches > searchesBeforeIndex) this.#sorted = this.#sort()
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
    const reader = new DerReader(this.#source, offset, this.#source.length, 3, derRules).next(tags.SEQUENCE).children()
    const serialNumber = readIntegerBytes(reader.next(tags.INTEGER))
    const revocationDate = readTime(reader.any())
    const list = reader.optional(tags.SEQUENCE)
    const extensions = list === undefined ? [] : readExtensions(list)
    const reason = extensions.find(({ oid }) => oid === oids.reasonCode)?.decode(decodeReason)
    const invalidityDate = extensions.find(({ oid }) => oid === oids.invalidityDate)?.decode(readGeneralizedTime)
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

  /** A total order of serial numbers: by `rank`, then by length, then octet by octet from the last. */
  #compare(offset: number, serial: Uint8Array, serialRank: number): number {
    const [at, length] = this.#serialAt(offset)
    const difference = rank(this.#source, at, length) - serialRank || length - serial.length
    if (difference !== 0) return difference
    for (let index = length - 1; index >= 0; index--) {
      const between = (this.#source[at + index] as number) - (serial[index] as number)
      if (between !== 0) return between
    }
    return 0
  }

  // Sorted, not hashed: no choice of serial numbers makes it slow. Equal numbers stay in the order of the list. The rank and the place in the
  // list are packed into one number, which the runtime sorts without a comparison of ours; only equal ranks need one.
  #sort(): Uint32Array {
    const source = this.#source
    const packed = new Float64Array(this.#offsets.length)
    for (let index = 0; index < packed.length; index++) {
      const [at, length] = this.#serialAt(this.#offsets[index] as number)
      packed[index] = rank(source, at, length) * maxEntries + index
    }
    packed.sort()
    const sorted = new Uint32Array(packed.length)
    let start = 0
    for (let index = 0; index < packed.length; index++) {
      const key = packed[index] as number
      sorted[index] = this.#offsets[key % maxEntries] as number
      const next = packed[index + 1]
      if (next !== undefined && Math.floor(next / maxEntries) === Math.floor(key / maxEntries)) continue
      if (index > start) this.#sortEqualRanks(sorted.subarray(start, index + 1))
      start = index + 1
    }
    return sorted
  }

  #sortEqualRanks(offsets: Uint32Array): void {
    const source = this.#source
    offsets.sort((a, b) => {
      const [atA, lengthA] = this.#serialAt(a)
      const [atB, lengthB] = this.#serialAt(b)
      if (lengthA !== lengthB) return lengthA - lengthB
      for (let index = lengthA - 1; index >= 0; index--) {
        const between = (source[atA + index] as number) - (source[atB + index] as number)
        if (between !== 0) return between
      }
      return a - b
    })
  }

  #lowerBound(sorted: Uint32Array, serial: Uint8Array): number {
    const serialRank = rank(serial, 0, serial.length)
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#compare(sorted[middle] as number, serial, serialRank) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
