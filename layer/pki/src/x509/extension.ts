import { DerCursor } from '../der/cursor.ts'
import { oidName, oidOfOctets } from '../der/oid.ts'
import { oids } from '../der/oid-names.ts'
import { berRules, type DerElement, derRules, readElement } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import { isPkiError, PkiError } from '../errors.ts'

/** Decodes the value of one extension from the one element in its OCTET STRING. */
export type ExtensionDecoder<T> = (value: DerElement) => T

/** One Extension (RFC 5280 §4.1): identifier, criticality and the undecoded value. Of certificates, CRLs and OCSP alike. */
export class Extension {
  readonly oid: string
  readonly critical: boolean
  /** Whether `critical` is encoded as DER has it: absent, or TRUE as FF (X.690 §11.1, §11.5). */
  readonly criticalIsDer: boolean
  readonly #source: Uint8Array
  readonly #start: number
  readonly #end: number
  readonly #lenient: boolean
  #value: unknown
  #error: PkiError | undefined

  /** `start` and `end` are those of the content of extnValue. */
  constructor(
    oid: string,
    critical: boolean,
    source: Uint8Array,
    start: number,
    end: number,
    criticalIsDer = true,
    lenient = false,
  ) {
    this.oid = oid
    this.critical = critical
    this.criticalIsDer = criticalIsDer
    this.#source = source
    this.#start = start
    this.#end = end
    this.#lenient = lenient
  }

  /** The content of extnValue, a view. */
  get value(): Uint8Array {
    return this.#source.subarray(this.#start, this.#end)
  }

  /**
   * Decodes the value; the outcome, good or bad, is kept, so that each extension is decoded once.
   * @throws extension_malformed, also for a criticality that is no DER
   */
  decode<T>(decoder: ExtensionDecoder<T>): T {
    if (this.#value === undefined && this.#error === undefined) this.#attempt(decoder)
    if (this.#error !== undefined) throw this.#error
    return this.#value as T
  }

  /** Whether the value was asked for before and could be decoded, so that it is known. */
  get isDecoded(): boolean {
    return this.#value !== undefined
  }

  /**
   * The same, decoded by BER, which takes trailing zero bits, other octets than FF for TRUE and a written DEFAULT; a key identifier may
   * lack its OCTET STRING.
   */
  lenient(): Extension {
    return new Extension(this.oid, this.critical, this.#source, this.#start, this.#end, this.criticalIsDer, true)
  }

  /** For an extension that has no decoder. @throws extension_malformed for a criticality that is no DER */
  assertDer(): void {
    if (!this.criticalIsDer && !this.#lenient) this.decode(() => undefined)
  }

  #attempt(decoder: ExtensionDecoder<unknown>): void {
    try {
      if (!this.criticalIsDer && !this.#lenient) throw badCriticality(this.oid)
      const rules = this.#lenient ? berRules : derRules
      const element = readElement(this.#source, this.#start, this.#end, 0, rules)
      if (element.end !== this.#end) throw trailingData(element.end)
      this.#value = decoder(element)
    } catch (cause) {
      if (!isPkiError(cause)) throw cause
      if (this.#lenient && this.oid === oids.subjectKeyIdentifier) {
        this.#value = this.value
        return
      }
      const details = { oid: this.oid, ...cause.details }
      this.#error = new PkiError('extension_malformed', `${oidName(this.oid)}: ${cause.message}`, details, { cause })
    }
  }
}

function badCriticality(oid: string): PkiError {
  return new PkiError('der_malformed', 'critical is neither absent nor TRUE', { oid })
}

function trailingData(offset: number): PkiError {
  return new PkiError('der_malformed', `unexpected data after the value at offset ${offset}`, { offset })
}

/** A certificate with more extensions than this is refused. */
const maxExtensions = 256

/**
 * Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension. A criticality that is no DER, an encoded DEFAULT (FALSE) among it (X.690 §11.5), is
 * refused unless `criticalByBer`; a second extension of the same kind is refused always (RFC 5280 §4.2).
 * @throws der_malformed, extension_duplicate
 */
export function readExtensions(sequence: DerElement, criticalByBer = false): readonly Extension[] {
  const cursor = new DerCursor(sequence.source, sequence.contentStart, sequence.contentEnd)
  const extensions: Extension[] = []
  while (cursor.offset < cursor.limit) {
    if (extensions.length === maxExtensions) {
      throw new PkiError('der_limit_exceeded', `more than ${maxExtensions} extensions`)
    }
    const extension = readExtension(cursor)
    if (!extension.criticalIsDer && !criticalByBer) throw badCriticality(extension.oid)
    for (const other of extensions) {
      if (other.oid === extension.oid) {
        throw new PkiError('extension_duplicate', oidName(extension.oid), { oid: extension.oid })
      }
    }
    extensions.push(extension)
  }
  if (extensions.length === 0) throw new PkiError('der_malformed', 'empty Extensions')
  return extensions
}

/** Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue }. */
function readExtension(cursor: DerCursor): Extension {
  const { source } = cursor
  cursor.next(tags.SEQUENCE)
  const limit = cursor.enter()
  cursor.next(tags.OID)
  const oid = oidOfOctets(source, cursor.contentStart, cursor.contentEnd)
  let critical = cursor.optional(tags.BOOLEAN)
  let isDer = true
  if (critical) {
    const octet = source[cursor.contentStart]
    if (cursor.contentEnd - cursor.contentStart !== 1) {
      throw new PkiError('der_malformed', 'BOOLEAN of other than one octet', { oid })
    }
    isDer = octet === 0xff
    critical = octet !== 0
  }
  cursor.next(tags.OCTET_STRING)
  const { contentStart, contentEnd } = cursor
  cursor.leave(limit)
  return new Extension(oid, critical, source, contentStart, contentEnd, isDer)
}
