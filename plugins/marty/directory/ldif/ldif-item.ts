/** Where an item lies in the file. Offsets are in bytes, lines count from 1. */
export interface LdifSpan {
  readonly line: number
  readonly start: number
  /** Where reading goes on after this item, at line `nextLine`. */
  readonly end: number
  readonly nextLine: number
}

/** One attribute value. Names and options are in lower case: LDAP compares them so (RFC 4512 §2.5). */
export interface LdifAttribute {
  readonly name: string
  readonly options: readonly string[]
  readonly value: Uint8Array
  readonly line: number
}

export interface LdifRecord extends LdifSpan {
  readonly kind: 'record'
  readonly dn: string
  readonly attributes: readonly LdifAttribute[]
  /** The record as it stands in the file, cut at `limits.keptBytes`. */
  readonly raw: () => Uint8Array
}

/** What is wrong with a record, by stable code. */
const ldifErrors = {
  ldif_syntax: 'RFC 2849: the line is no attribute, or the record does not start with dn',
  ldif_base64: 'RFC 2849: the value is not base64',
  ldif_not_ascii: 'RFC 2849: a value with other than safe ASCII characters must be base64',
  ldif_not_utf8: 'RFC 2849: a distinguished name is UTF-8',
  ldif_url_refused: 'values that stand elsewhere (attribute:< URL) are not fetched',
  ldif_change_refused: 'of change records only changetype add is taken',
  ldif_record_too_large: 'the record is larger than allowed',
  ldif_version_unsupported: 'RFC 2849: the version is 1',
} as const
export type LdifErrorCode = keyof typeof ldifErrors

export interface LdifRefusal extends LdifSpan {
  readonly kind: 'refused'
  readonly code: LdifErrorCode
  readonly message: string
  /** The line with the mistake. */
  readonly at: number
  readonly dn?: string
  readonly raw: () => Uint8Array
}

export type LdifItem = LdifRecord | LdifRefusal

/** Thrown inside the reader; it becomes a refusal of the record. */
export class LdifError extends Error {
  readonly code: LdifErrorCode
  readonly at: number

  constructor(code: LdifErrorCode, at: number, message: string = ldifErrors[code]) {
    super(message)
    this.name = 'LdifError'
    this.code = code
    this.at = at
  }
}
