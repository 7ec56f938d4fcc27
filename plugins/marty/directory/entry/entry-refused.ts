import { isPkiError } from '@mmf/pki'

/** Why an entry cannot be taken, by stable code; beside it stand those of LDIF. */
const entryErrors = {
  object_class_missing: 'the entry has no objectClass',
  object_class_unknown: 'its objectClass is none of the ICAO PKD',
  dn_malformed: 'its name is no distinguished name (RFC 4514)',
  dn_outside_directory: 'its name lies neither under dc=data nor under dc=nc-data',
  attribute_malformed: 'an attribute is no UTF-8 text',
  content_missing: 'it holds neither certificate, CRL nor master list',
  content_repeated: 'it holds more than one',
  certificate_malformed: 'RFC 5280 §4.1: the certificate cannot be read',
  certificate_too_large: 'the certificate is larger than allowed',
  name_too_long: 'a name or identifier is longer than allowed',
  crl_malformed: 'RFC 5280 §5.1: the CRL cannot be read',
  master_list_malformed: 'Doc 9303-12: the master list cannot be read',
  signature_invalid: 'whom it names is trusted here and has not signed it',
} as const
export type EntryErrorCode = keyof typeof entryErrors

/** What cannot become an entry of the directory. */
export class EntryRefused extends Error {
  readonly code: EntryErrorCode

  constructor(code: EntryErrorCode, message: string = entryErrors[code]) {
    super(message)
    this.name = 'EntryRefused'
    this.code = code
  }
}

/** Runs a parser; its coded errors refuse the entry. @throws {EntryRefused} */
export function refusing<T>(code: EntryErrorCode, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    throw new EntryRefused(code, cause.message)
  }
}
