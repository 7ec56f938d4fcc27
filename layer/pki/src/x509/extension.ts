import { oidName, readOid } from '../der/oid.ts'
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
  readonly #octets: DerElement
  #decoded: { readonly value: unknown } | { readonly error: PkiError } | undefined

  constructor(oid: string, critical: boolean, octets: DerElement) {
    this.oid = oid
    this.critical = critical
    this.#octets = octets
  }

  /** The content of extnValue, a view. */
  get value(): Uint8Array {
    return this.#octets.content
  }

  /**
   * Decodes the value; the outcome, good or bad, is kept, so that each extension is decoded once.
   * @throws extension_malformed
   */
  decode<T>(decoder: ExtensionDecoder<T>): T {
    this.#decoded ??= this.#attempt(decoder)
    if ('error' in this.#decoded) throw this.#decoded.error
    return this.#decoded.value as T
  }

  #attempt(decoder: ExtensionDecoder<unknown>): { readonly value: unknown } | { readonly error: PkiError } {
    try {
      const { source, contentStart, contentEnd } = this.#octets
      const reader = new DerReader(source, contentStart, contentEnd, 0, DER_RULES)
      const element = reader.any()
      reader.finish()
      return { value: decoder(element) }
    } catch (cause) {
      if (!isPkiError(cause)) throw cause
      const details = { oid: this.oid, ...cause.details }
      return {
        error: new PkiError('extension_malformed', `${oidName(this.oid)}: ${cause.message}`, details, { cause }),
      }
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

function readExtension(element: DerElement): Extension {
  const reader = element.children()
  const oid = readOid(reader.next(TAG.OID))
  const criticality = reader.optional(TAG.BOOLEAN)
  const critical = criticality !== undefined && readBoolean(criticality)
  if (criticality !== undefined && !critical) throw new PkiError('der_malformed', 'DEFAULT FALSE is encoded', { oid })
  const octets = reader.next(TAG.OCTET_STRING)
  reader.finish()
  return new Extension(oid, critical, octets)
}
