import { PkiError } from '../errors.ts'
import { Certificate } from '../x509/certificate.ts'
import type { NameConstraints } from '../x509/extensions/name-constraints.ts'
import { type Name, parseName } from '../x509/name.ts'

/**
 * What the caller trusts (RFC 5280 §6.1.1 (d)): a name and a key. Where it comes as a certificate, the certificate's validity, name
 * constraints and path length bind it too (RFC 5937).
 */
export interface TrustAnchor {
  readonly name: Name
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly certificate: Certificate | undefined
  readonly nameConstraints: NameConstraints | undefined
}

/** A trust anchor without a certificate, as a caller writes it. */
export interface TrustAnchorInput {
  /** DER Name. */
  readonly name: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly nameConstraints?: NameConstraints
}

/** @throws der_malformed, name_malformed, argument_invalid for an empty name */
export function trustAnchor(input: Certificate | TrustAnchorInput): TrustAnchor {
  if (input instanceof Certificate) {
    return {
      name: input.subject,
      spki: input.subjectPublicKeyInfo.raw,
      certificate: input,
      nameConstraints: undefined,
    }
  }
  const name = parseName(input.name)
  if (name.isEmpty) throw new PkiError('argument_invalid', 'a trust anchor has a name')
  name.assertWellFormed()
  return { name, spki: input.publicKey, certificate: undefined, nameConstraints: input.nameConstraints }
}
