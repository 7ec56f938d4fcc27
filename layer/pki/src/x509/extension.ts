import { DerCursor } from '../der/cursor.ts'
import { oidName, oidOfOctets } from '../der/oid.ts'
import { DER_RULES, type DerElement, DerReader } from '../der/reader.ts'
import { TAG } from '../der/tags.ts'
import { isPkiError, PkiError } from '../errors.ts'

/** Decodes the value of one extension from the one element in its OCTET STRING. */
export type ExtensionDecoder<T> = (value: DerElement) => T

/** One Extension (RFC 5280 §4.1): identifier, criticality and the undecoded value. Of certificates, CRLs and OCSP alike. */
export class Extension {
  readonly oid: string
  readonly critical: boolean
  readonly #source: Uint8Array
  readonly #start: number
  readonly #end: number
  #value: unknown
  #error: PkiError | undefined

  /** `start` and `end` are those of the content of extnValue. */
  constructor(oid: string, critical: boolean, source: Uint8Array, start: number, end: number) {
    this.oid = oid
    this.critical = critical
    this.#source = source
    this.#start = start
    this.#end = end
  }

  /** The content of extnValue, a view. */
  get value(): Uint8Array {
    return this.#source.subarray(this.#start, this.#end)
  }

  /**
   * Decodes the value; the outcome, good or bad, is kept, so that each extension is decoded once.
   * @throws extension_malformed
   */
  decode<T>(decoder: ExtensionDecoder<T>): T {
    if (this.#value === undefined && this.#error === undefined) this.#attempt(decoder)
    if (this.#error !== undefined) throw this.#error
    return this.#value as T
  }

  #attempt(decoder: ExtensionDecoder<unknown>): void {
    try {
      const reader = new DerReader(this.#source, this.#start, this.#end, 0, DER_RULES)
      const element = reader.any()
      reader.finish()
      this.#value = decoder(element)
    } catch (cause) {
      if (!isPkiError(cause)) throw cause
      const details = { oid: this.oid, ...cause.details }
      this.#error = new PkiError('extension_malformed', `${oidName(this.oid)}: ${cause.message}`, details, { cause })
    }
  }
}

/** A certificate with more extensions than this is refused. */
export const MAX_EXTENSIONS = 256

/**
 * Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension. An encoded DEFAULT (critical FALSE) is refused (X.690 §11.5), as is a
 * second extension of the same kind (RFC 5280 §4.2).
 * @throws der_malformed, extension_duplicate
 */
export function readExtensions(sequence: DerElement): readonly Extension[] {
  const cursor = new DerCursor(sequence.source, sequence.contentStart, sequence.contentEnd)
  const extensions: Extension[] = []
  while (cursor.offset < cursor.limit) {
    if (extensions.length === MAX_EXTENSIONS) {
      throw new PkiError('der_limit_exceeded', `more than ${MAX_EXTENSIONS} extensions`)
    }
    const extension = readExtension(cursor)
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
  cursor.next(TAG.SEQUENCE)
  const limit = cursor.enter()
  cursor.next(TAG.OID)
  const oid = oidOfOctets(source, cursor.contentStart, cursor.contentEnd)
  const critical = cursor.optional(TAG.BOOLEAN)
  if (critical && !(cursor.contentEnd - cursor.contentStart === 1 && source[cursor.contentStart] === 0xff)) {
    throw new PkiError('der_malformed', 'critical is neither absent nor TRUE', { oid })
  }
  cursor.next(TAG.OCTET_STRING)
  const { contentStart, contentEnd } = cursor
  cursor.leave(limit)
  return new Extension(oid, critical, source, contentStart, contentEnd)
}
