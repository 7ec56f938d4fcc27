import { oids } from '../der/oid-names.ts'
import type { DerElement } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import { readGeneralizedTime, readTime } from '../der/time.ts'
import { readIntegerBytes, readSmallInteger } from '../der/values.ts'
import { PkiError } from '../errors.ts'
import { bytesEqual } from '../x509/bytes.ts'
import { type Extension, readExtensions } from '../x509/extension.ts'
import { decodeAlternativeName } from '../x509/extensions/alternative-name.ts'
import type { GeneralName } from '../x509/general-name.ts'
import type { Name } from '../x509/name.ts'
import { type RevocationReason, revocationReasons } from './revocation-reason.ts'

/** What the list around the entries says about them. */
export interface CrlEntriesContext {
  readonly version: 1 | 2
  readonly issuer: Name
  /** The CRL asserts indirectCRL: entries may name another certificate issuer. */
  readonly indirect: boolean
  readonly delta: boolean
}

/** From an entry on, the certificates' issuer (RFC 5280 §5.3.3: the extension holds for the entries that follow). */
export interface IssuerChange {
  readonly offset: number
  readonly names: readonly Name[]
}

// SEQUENCE { SEQUENCE { reasonCode, OCTET STRING { ENUMERATED n } } }: by far the most frequent entry extensions.
const reasonOnly = Uint8Array.of(0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01)

/** The one pass that checks every entry; see CrlEntries. */
export class CrlEntryScan {
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
      else this.#checkEntry(reader.next(tags.SEQUENCE))
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
    if (source[start] !== 0x30 || length >= 0x80 || end > limit || source[start + 2] !== tags.INTEGER) return 0
    const serialLength = source[start + 3] as number
    const date = start + 4 + serialLength
    if (serialLength === 0 || serialLength > 40 || date + 15 > end) return 0
    if (serialLength > 1) {
      const first = source[start + 4] as number
      const sign = (source[start + 5] as number) & 0x80
      if ((first === 0 && sign === 0) || (first === 0xff && sign !== 0)) return 0
    }
    if (source[date] !== tags.UTC_TIME || source[date + 1] !== 13 || !isPlainDate(source, date + 2)) return 0
    const rest = date + 15
    if (rest === end) return end
    if (this.#context.version === 1 || end - rest !== reasonOnly.length + 1) return 0
    for (let index = 0; index < reasonOnly.length; index++) if (source[rest + index] !== reasonOnly[index]) return 0
    const reason = source[end - 1] as number
    return reason <= 10 && reason !== 7 && reason !== 8 ? end : 0
  }

  #checkEntry(element: DerElement): void {
    const reader = element.children()
    readIntegerBytes(reader.next(tags.INTEGER))
    readTime(reader.any())
    const list = reader.optional(tags.SEQUENCE)
    reader.finish()
    if (list === undefined) return
    if (this.#context.version === 1) throw new PkiError('crl_malformed', 'entry extensions in a CRL of version 1')
    for (const extension of readExtensions(list)) this.#checkExtension(extension, element.start)
  }

  #checkExtension(extension: Extension, offset: number): void {
    switch (extension.oid) {
      case oids.reasonCode:
        // RFC 5280 §5.3.1: removeFromCRL may only appear in delta CRLs.
        if (extension.decode(decodeReason) === 'removeFromCRL' && !this.#context.delta) {
          throw new PkiError('crl_malformed', 'removeFromCRL in a CRL that is no delta CRL')
        }
        return
      case oids.invalidityDate:
        extension.decode(readGeneralizedTime)
        return
      case oids.certificateIssuer:
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
    // RFC 5280 §5.3.3: the issuer field's name MUST be here; without it the issuer of the certificates that follow is unknown.
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
  if (value.tag !== tags.ENUMERATED) throw new PkiError('der_malformed', 'ENUMERATED expected')
  const code = readSmallInteger(value)
  const reason = (revocationReasons as Readonly<Record<number, RevocationReason>>)[code]
  if (reason === undefined) throw new PkiError('der_malformed', `CRLReason ${code} is not defined`)
  return reason
}
