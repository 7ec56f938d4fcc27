// The public API of @mmf/pki. What is not named here may change without notice.

// CMS
export { attribute, buildSignedData, type SignedDataInput, type SignerInput } from './cms/build-signed-data.ts'
export { parseSignedData } from './cms/parse-signed-data.ts'
export { certificatesFromPkcs7 } from './cms/pkcs7.ts'
export type { CmsParseOptions, SignedData, SignerInfo, VerifySignedDataOptions } from './cms/types.ts'
export {
  certificatesOfSigners,
  type SignedDataVerdict,
  type SignerVerdict,
  verifySignedData,
} from './cms/verify-signed-data.ts'
export { decodeOid, encodeOid, oidName } from './der/oid.ts'
export { type OidName, oids } from './der/oid-names.ts'
// DER: reading, writing, object identifiers
export { berRules, DerElement, DerReader, type DerRules, derRules, parseDer } from './der/reader.ts'
export * as derWriter from './der/writer.ts'
// Errors
export { isPkiError, PkiError, type PkiErrorCode, type PkiErrorDetails, pkiErrors } from './errors.ts'
export { explainVerdict } from './explanation/explain.ts'
export type { ExplainedFinding, Explanation, ReportedVerdict } from './explanation/explain-verdict.ts'
// Travel documents
export {
  type ActiveAuthenticationInput,
  type ActiveAuthenticationVerdict,
  verifyActiveAuthentication,
} from './icao/active-authentication.ts'
export { buildLdsSecurityObject, buildMasterList, buildSod, type LdsSecurityObjectInput } from './icao/build.ts'
export { compareIssuingState, stateInDg1 } from './icao/compare-issuing-state.ts'
export type { DataGroup, DataGroupResult, DataGroupStatus } from './icao/data-groups.ts'
export {
  type ExamineDocumentInput,
  type ExaminedDocument,
  examineDocument,
  readSodOfOneSigner,
} from './icao/examine-document.ts'
export type { IcaoFinding } from './icao/findings.ts'
export type { DataGroupHash, LdsSecurityObject } from './icao/lds-security-object.ts'
export {
  type MasterList,
  type MasterListCertificates,
  masterListCertificates,
  parseMasterList,
} from './icao/master-list.ts'
export { issuingStateOfDg1 } from './icao/mrz.ts'
export {
  type PassiveAuthenticationInput,
  type PassiveAuthenticationVerdict,
  passiveAuthentication,
} from './icao/passive-authentication.ts'
export { type IcaoCompatibility, icaoCompatibilities } from './icao/signers.ts'
export { parseSod, type Sod, type SodParseOptions } from './icao/sod.ts'
export { type MasterListVerdict, type VerifyMasterListInput, verifyMasterList } from './icao/verify-master-list.ts'
export { defaultWorkLimits, type WorkLimits, type WorkSpent } from './path/budget.ts'
export { formatIpAddress, parseIpAddress } from './path/ip-address.ts'
export { matchPeerName, type PeerName, peerNameOfHost } from './path/peer-name.ts'
export type { PolicySettings } from './path/settings.ts'
export { createSignatureMemo, type SignatureMemo } from './path/signature-memo.ts'
export type {
  AnchorBinding,
  CertificateAnchorInput,
  NamedAnchorInput,
  TrustAnchorInput,
} from './path/trust-anchor.ts'
export type { AttemptStage } from './path/validation-run.ts'
export { profileByName, profiles } from './profiles/profiles.ts'
export type { CertificateRule, Profile, ProfileCompatibility, ProfileName, Role } from './profiles/types.ts'
// Revocation
export { CertificateList, parseCrl } from './revocation/crl.ts'
export { prepareEvidence, type RevocationEvidence } from './revocation/evidence.ts'
export {
  buildOcspRequest,
  type OcspRequest,
  type OcspRequestInput,
  ocspNonceAnswer,
  parseOcspRequest,
} from './revocation/ocsp-request.ts'
export { type OcspResponse, parseOcspResponse } from './revocation/ocsp-response.ts'
export type { RevocationReason } from './revocation/revocation-reason.ts'
export type { RevocationMode, RevocationPolicy } from './revocation/types.ts'
// Signatures
export { createKeyCache, type ImportedKey, importPublicKey } from './signature/key-cache.ts'
export { type PublicKeyInfo, readPublicKey } from './signature/public-key.ts'
export type {
  AlgorithmIdentifier,
  KeyCache,
  SignatureCompatibility,
  SignatureRequest,
  SignatureResult,
} from './signature/types.ts'
export { type SignatureVerdict, verifySignature } from './signature/verify.ts'
export { type Finding, type FindingCode, findingTable, type Severity } from './verdict/findings.ts'
// Validation
export { purposeOids, validateCertificate } from './verdict/validate-certificate.ts'
export type { ValidationInput } from './verdict/validation-input.ts'
export type { Verdict, VerdictAnchor, VerdictAttempt, VerdictRevocation } from './verdict/verdict.ts'
// Certificates
export {
  Certificate,
  type CertificateSummary,
  maxCertificateBytes,
  parseCertificate,
} from './x509/certificate.ts'
export type { Extension } from './x509/extension.ts'
export type { BasicConstraints } from './x509/extensions/basic-constraints.ts'
export type { PolicyInformation } from './x509/extensions/certificate-policies.ts'
export type { DistributionPoint, DistributionPointName } from './x509/extensions/crl-distribution-points.ts'
export { type ExtensionValue, extensionDecoders, type KnownExtensionOid } from './x509/extensions/decoders.ts'
export type { AccessDescription } from './x509/extensions/information-access.ts'
export { type KeyUsageName, keyUsageBit, keyUsageNames } from './x509/extensions/key-usage.ts'
export type { GeneralSubtree, NameConstraints } from './x509/extensions/name-constraints.ts'
export type { GeneralName, GeneralNameKind } from './x509/general-name.ts'
export { type Name, parseName } from './x509/name.ts'
export { type PemBlock, parsePem, readCertificates, toPem } from './x509/pem.ts'
export type { SubjectPublicKeyInfo } from './x509/public-key-info.ts'
export type { NameAttribute, RelativeDistinguishedName } from './x509/relative-distinguished-name.ts'
