/**
 * The closed catalogue of errors this package throws. A code is stable: once published it keeps its meaning.
 * A verdict's findings have a table of their own (verdict/findings.ts); an error means that no verdict was possible.
 */
export const pkiErrors = {
  der_malformed: { title: 'The bytes are not valid DER' },
  der_limit_exceeded: { title: 'The structure exceeds a bound on size or nesting depth' },
  pem_malformed: { title: 'The text is not valid PEM or base64' },
  certificate_malformed: { title: 'The bytes are not a valid X.509 certificate' },
  extension_malformed: { title: 'A certificate extension cannot be decoded' },
  extension_duplicate: { title: 'An extension occurs more than once' },
  name_malformed: { title: 'A distinguished name or general name cannot be decoded' },
  crl_malformed: { title: 'The bytes are not a valid certificate revocation list' },
  ocsp_malformed: { title: 'The bytes are not a valid OCSP request or response' },
  ocsp_unsuccessful: { title: 'The OCSP responder answered with an error status' },
  cms_malformed: { title: 'The bytes are not a valid CMS structure' },
  cms_unsupported: { title: 'The CMS structure uses a feature this package does not support' },
  master_list_malformed: { title: 'The bytes are not a valid CSCA master list' },
  sod_malformed: { title: 'The bytes are not a valid document security object' },
  key_malformed: { title: 'The public key cannot be decoded' },
  algorithm_unavailable: { title: 'The runtime lacks the algorithm' },
  limit_exceeded: { title: 'The input exceeds a documented limit' },
  argument_invalid: { title: 'An argument of the call is invalid' },
  der_encoding: { title: 'The value cannot be encoded as DER' },
} as const satisfies Record<string, { readonly title: string }>

export type PkiErrorCode = keyof typeof pkiErrors

/** Values that explain an error; they hold no secrets and are safe to log. */
export type PkiErrorDetails = Readonly<Record<string, string | number | boolean | undefined>>

const brand = Symbol.for('@mmf/pki/error')

/** Every failure of this package. Recognise it by {@link isPkiError}, never by class identity (two copies may be loaded). */
export class PkiError extends Error {
  readonly code: PkiErrorCode
  readonly details: PkiErrorDetails
  readonly [brand] = true

  constructor(code: PkiErrorCode, reason?: string, details: PkiErrorDetails = {}, options?: ErrorOptions) {
    super(reason === undefined ? pkiErrors[code].title : `${pkiErrors[code].title}: ${reason}`, options)
    this.name = 'PkiError'
    this.code = code
    this.details = details
  }
}

/** True for an error thrown by any copy of this package; with `code`, only for that code. */
export function isPkiError(value: unknown, code?: PkiErrorCode): value is PkiError {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { [brand]?: unknown })[brand] === true &&
    (code === undefined || (value as { code?: unknown }).code === code)
  )
}
