import { PkiError } from '../errors.ts'
import { optionFields } from '../options/option-fields.ts'
import { Certificate, parseCertificate } from '../x509/certificate.ts'
import type { NameConstraints } from '../x509/extensions/name-constraints.ts'
import { type Name, parseName } from '../x509/name.ts'

/**
 * Which parts of an anchor's certificate bind the paths under it (RFC 5937 §3.2, and what other validators do beyond it). Name and key
 * always count, and a key that is none, or that the profile forbids, is refused whatever stands here.
 */
export interface AnchorBinding {
  /** notBefore and notAfter. */
  readonly validity: boolean
  /** cA, where basicConstraints is there, and pathLenConstraint. */
  readonly basicConstraints: boolean
  /** keyCertSign, where keyUsage is there. */
  readonly keyUsage: boolean
  /** extKeyUsage, for the purposes that are asked for. Not under the ICAO profiles: CSCAs in use carry purposes that mean nothing there. */
  readonly extendedKeyUsage: boolean
  readonly nameConstraints: boolean
  /** certificatePolicies, policyMappings, policyConstraints and inhibitAnyPolicy, as if a CA certificate stood in the anchor's place. */
  readonly policies: boolean
  /** A critical extension that is not known refuses the anchor. */
  readonly criticalExtensions: boolean
  /** Whatever else the profile, RFC 5280 §4 and the Baseline Requirements ask of a root's certificate. */
  readonly certificateProfile: boolean
}

/** What an anchor given as a certificate is bound by unless the caller says otherwise: everything. */
export const fullBinding: AnchorBinding = Object.freeze({
  validity: true,
  basicConstraints: true,
  keyUsage: true,
  extendedKeyUsage: true,
  nameConstraints: true,
  policies: true,
  criticalExtensions: true,
  certificateProfile: true,
})

/** What the caller trusts (RFC 5280 §6.1.1 (d)): a name and a key. Where it comes as a certificate, `binding` says what else of it counts. */
export interface TrustAnchor {
  readonly name: Name
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly certificate: Certificate | undefined
  readonly binding: AnchorBinding
  readonly nameConstraints: NameConstraints | undefined
}

/** A trust anchor as a caller writes it who gives no certificate, or one of which not everything is to count. */
export type TrustAnchorInput = NamedAnchorInput | CertificateAnchorInput

/** A name and a key, and nothing else. */
export interface NamedAnchorInput {
  /** DER Name. */
  readonly name: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly nameConstraints?: NameConstraints
}

/** A certificate of which the caller says what binds. */
export interface CertificateAnchorInput {
  readonly certificate: Uint8Array | Certificate
  /** What of the certificate counts; a field that is left out does. */
  readonly binding?: Partial<AnchorBinding>
  /** Constraints beside those of the certificate. */
  readonly nameConstraints?: NameConstraints
}

/**
 * @param read how a certificate is read; default strictly
 * @throws der_malformed, name_malformed, the codes of `read`; argument_invalid for a field of `binding` that is none
 */
export function trustAnchor(
  input: Certificate | TrustAnchorInput,
  read: (certificate: Uint8Array | Certificate) => Certificate = readStrictly,
): TrustAnchor {
  if (input instanceof Certificate) return ofCertificate(input, fullBinding, undefined)
  if ('certificate' in input) {
    return ofCertificate(read(input.certificate), readBinding(input.binding), input.nameConstraints)
  }
  const name = parseName(input.name)
  if (name.isEmpty) throw new PkiError('argument_invalid', 'a trust anchor has a name')
  name.assertWellFormed()
  const { publicKey: spki, nameConstraints } = input
  return { name, spki, certificate: undefined, binding: fullBinding, nameConstraints }
}

function ofCertificate(
  certificate: Certificate,
  binding: AnchorBinding,
  nameConstraints: NameConstraints | undefined,
): TrustAnchor {
  return {
    name: certificate.subject,
    spki: certificate.subjectPublicKeyInfo.raw,
    certificate,
    binding,
    nameConstraints,
  }
}

/** A field that is misspelt would leave the caller in the belief that something counts, or does not. */
function readBinding(binding: Partial<AnchorBinding> = {}): AnchorBinding {
  for (const [name, value] of Object.entries(binding)) {
    if (!Object.hasOwn(fullBinding, name) || typeof value !== 'boolean') {
      const known = Object.keys(fullBinding).join(', ')
      throw new PkiError('argument_invalid', `binding.${name.slice(0, 40)}: true or false is allowed for ${known}`)
    }
  }
  return { ...fullBinding, ...binding }
}

function readStrictly(certificate: Uint8Array | Certificate): Certificate {
  return certificate instanceof Certificate ? certificate : parseCertificate(certificate)
}

export const namedAnchorInputFields = optionFields<NamedAnchorInput>({ name: 1, publicKey: 1, nameConstraints: 1 })

export const certificateAnchorInputFields = optionFields<CertificateAnchorInput>({
  certificate: 1,
  binding: 1,
  nameConstraints: 1,
})

export const anchorBindingFields = optionFields<AnchorBinding>({
  validity: 1,
  basicConstraints: 1,
  keyUsage: 1,
  extendedKeyUsage: 1,
  nameConstraints: 1,
  policies: 1,
  criticalExtensions: 1,
  certificateProfile: 1,
})
