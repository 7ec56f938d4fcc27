import { oidName, oidOfOctets, readOid } from '../der/oid.ts'
import { DER_RULES, type DerElement, DerReader } from '../der/reader.ts'
import { TAG } from '../der/tags.ts'
import { readBoolean } from '../der/values.ts'
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
  const extensions: Extension[] = []
  const reader = sequence.children()
  while (!reader.done) {
    if (extensions.length === MAX_EXTENSIONS) {
      throw new PkiError('der_limit_exceeded', `more than ${MAX_EXTENSIONS} extensions`)
    }
    const extension = readExtension(reader.next(TAG.SEQUENCE))
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

/**
 * Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue }. The identifier and the flag are read in place: a certificate has ten
 * of these, and objects for each of their parts would be most of the cost of reading it.
 */
function readExtension(element: DerElement): Extension {
  const { source, contentStart, contentEnd } = element
  const oidStart = contentStart + 2
  const oidEnd = oidStart + (source[contentStart + 1] as number)
  // An identifier of 128 octets and more, or none at all: the reader names what is wrong.
  if (source[contentStart] !== TAG.OID || oidEnd >= contentEnd) return refuseExtension(element)
  const oid = oidOfOctets(source, oidStart, oidEnd)
  const critical = source[oidEnd] === TAG.BOOLEAN
  if (critical) {
    if (source[oidEnd + 1] !== 1 || source[oidEnd + 2] !== 0xff) return refuseExtension(element)
  }
  const reader = new DerReader(source, critical ? oidEnd + 3 : oidEnd, contentEnd, element.depth + 1, element.rules)
  const octets = reader.next(TAG.OCTET_STRING)
  reader.finish()
  return new Extension(oid, critical, source, octets.contentStart, octets.contentEnd)
}

/** The long way, for the error that names the fault. @throws der_malformed */
function refuseExtension(element: DerElement): never {
  const reader = element.children()
  const oid = readOid(reader.next(TAG.OID))
  const criticality = reader.optional(TAG.BOOLEAN)
  if (criticality !== undefined && !readBoolean(criticality)) {
    throw new PkiError('der_malformed', 'DEFAULT FALSE is encoded', { oid })
  }
  reader.next(TAG.OCTET_STRING)
  reader.finish()
  throw new PkiError('der_malformed', 'no Extension', { oid })
}
