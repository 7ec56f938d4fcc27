import { OID } from '../der/oid-names.ts'
import { DER_RULES, type DerElement, DerReader } from '../der/reader.ts'
import { TAG } from '../der/tags.ts'
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
