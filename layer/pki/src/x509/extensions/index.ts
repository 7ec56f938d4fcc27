import { OID } from '../../der/oid-names.ts'
import type { Extension, ExtensionDecoder } from '../extension.ts'
import { decodeAlternativeName } from './alternative-name.ts'
import { decodeAuthorityKeyIdentifier } from './authority-key-identifier.ts'
import { decodeBasicConstraints } from './basic-constraints.ts'
import { decodeCertificatePolicies } from './certificate-policies.ts'
import { unprocessedContent } from './critical-content.ts'
import { decodeCrlDistributionPoints } from './crl-distribution-points.ts'
import { decodeDocumentTypeList } from './document-type-list.ts'
import { decodeExtendedKeyUsage } from './extended-key-usage.ts'
import { decodeInformationAccess } from './information-access.ts'
import { decodeKeyUsage } from './key-usage.ts'
import { decodeNameConstraints } from './name-constraints.ts'
import { decodeNullExtension } from './null-extension.ts'
import { decodeInhibitAnyPolicy, decodePolicyConstraints } from './policy-constraints.ts'
import { decodePolicyMappings } from './policy-mappings.ts'
import { decodePrivateKeyUsagePeriod } from './private-key-usage-period.ts'
import { decodeSignedCertificateTimestamps } from './signed-certificate-timestamps.ts'
import { decodeSubjectDirectoryAttributes } from './subject-directory-attributes.ts'
import { decodeSubjectKeyIdentifier } from './subject-key-identifier.ts'
import { decodeTlsFeature } from './tls-feature.ts'

/** Every certificate extension this package decodes, by OID. */
export const EXTENSION_DECODERS = {
  [OID.subjectDirectoryAttributes]: decodeSubjectDirectoryAttributes,
  [OID.subjectKeyIdentifier]: decodeSubjectKeyIdentifier,
  [OID.keyUsage]: decodeKeyUsage,
  [OID.privateKeyUsagePeriod]: decodePrivateKeyUsagePeriod,
  [OID.subjectAltName]: decodeAlternativeName,
  [OID.issuerAltName]: decodeAlternativeName,
  [OID.basicConstraints]: decodeBasicConstraints,
  [OID.nameConstraints]: decodeNameConstraints,
  [OID.cRLDistributionPoints]: decodeCrlDistributionPoints,
  [OID.certificatePolicies]: decodeCertificatePolicies,
  [OID.policyMappings]: decodePolicyMappings,
  [OID.authorityKeyIdentifier]: decodeAuthorityKeyIdentifier,
  [OID.policyConstraints]: decodePolicyConstraints,
  [OID.extKeyUsage]: decodeExtendedKeyUsage,
  [OID.freshestCRL]: decodeCrlDistributionPoints,
  [OID.inhibitAnyPolicy]: decodeInhibitAnyPolicy,
  [OID.noRevAvail]: decodeNullExtension,
  [OID.authorityInfoAccess]: decodeInformationAccess,
  [OID.subjectInfoAccess]: decodeInformationAccess,
  [OID.tlsFeature]: decodeTlsFeature,
  [OID.ocspNoCheck]: decodeNullExtension,
  [OID.signedCertificateTimestampList]: decodeSignedCertificateTimestamps,
  [OID.documentTypeList]: decodeDocumentTypeList,
  [OID.nameChange]: decodeNullExtension,
} as const satisfies Readonly<Record<string, ExtensionDecoder<unknown>>>

export type KnownExtensionOid = keyof typeof EXTENSION_DECODERS

/** The decoded type of a known extension. */
export type ExtensionValue<O extends KnownExtensionOid> = ReturnType<(typeof EXTENSION_DECODERS)[O]>

const DECODERS: Readonly<Record<string, ExtensionDecoder<unknown>>> = EXTENSION_DECODERS

/**
 * Decodes an extension that is known; false for any other.
 * @throws extension_malformed
 */
export function decodeIfKnown(extension: Extension): boolean {
  if (extension.isDecoded) return true
  const decoder = DECODERS[extension.oid]
  if (decoder === undefined) return false
  extension.decode(decoder)
  return true
}

/**
 * What a known extension holds that is not processed here, so that it must be refused where it is critical (RFC 5280 §4.2). Undefined where
 * all is understood, and for an extension that is not known.
 * @throws extension_malformed
 */
export function unprocessedPart(extension: Extension): string | undefined {
  const decoder = DECODERS[extension.oid]
  return decoder === undefined ? undefined : unprocessedContent(extension.oid, extension.decode(decoder))
}
