import { oids } from '../../der/oid-names.ts'
import type { ExtensionDecoder } from '../extension.ts'
import { decodeAlternativeName } from './alternative-name.ts'
import { decodeAuthorityKeyIdentifier } from './authority-key-identifier.ts'
import { decodeBasicConstraints } from './basic-constraints.ts'
import { decodeCertificatePolicies } from './certificate-policies.ts'
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
export const extensionDecoders = {
  [oids.subjectDirectoryAttributes]: decodeSubjectDirectoryAttributes,
  [oids.subjectKeyIdentifier]: decodeSubjectKeyIdentifier,
  [oids.keyUsage]: decodeKeyUsage,
  [oids.privateKeyUsagePeriod]: decodePrivateKeyUsagePeriod,
  [oids.subjectAltName]: decodeAlternativeName,
  [oids.issuerAltName]: decodeAlternativeName,
  [oids.basicConstraints]: decodeBasicConstraints,
  [oids.nameConstraints]: decodeNameConstraints,
  [oids.cRLDistributionPoints]: decodeCrlDistributionPoints,
  [oids.certificatePolicies]: decodeCertificatePolicies,
  [oids.policyMappings]: decodePolicyMappings,
  [oids.authorityKeyIdentifier]: decodeAuthorityKeyIdentifier,
  [oids.policyConstraints]: decodePolicyConstraints,
  [oids.extKeyUsage]: decodeExtendedKeyUsage,
  [oids.freshestCRL]: decodeCrlDistributionPoints,
  [oids.inhibitAnyPolicy]: decodeInhibitAnyPolicy,
  [oids.noRevAvail]: decodeNullExtension,
  [oids.authorityInfoAccess]: decodeInformationAccess,
  [oids.subjectInfoAccess]: decodeInformationAccess,
  [oids.tlsFeature]: decodeTlsFeature,
  [oids.ocspNoCheck]: decodeNullExtension,
  [oids.signedCertificateTimestampList]: decodeSignedCertificateTimestamps,
  [oids.documentTypeList]: decodeDocumentTypeList,
  [oids.nameChange]: decodeNullExtension,
} as const satisfies Readonly<Record<string, ExtensionDecoder<unknown>>>

export type KnownExtensionOid = keyof typeof extensionDecoders

/** The decoded type of a known extension. */
export type ExtensionValue<O extends KnownExtensionOid> = ReturnType<(typeof extensionDecoders)[O]>
