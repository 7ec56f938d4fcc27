import type { SignedDataInput, SignerInput } from '../cms/build-signed-data.ts'
import type { CmsParseOptions } from '../cms/types.ts'
import type { VerifySignedDataOptions } from '../cms/verify-signed-data.ts'
import type { DerRules } from '../der/reader.ts'
import type { LdsSecurityObjectInput } from '../icao/build.ts'
import type { DataGroup } from '../icao/data-groups.ts'
import type { PassiveAuthenticationInput } from '../icao/passive-authentication.ts'
import type { SignerValidation } from '../icao/signers.ts'
import type { SodParseOptions } from '../icao/sod.ts'
import type { VerifyMasterListInput } from '../icao/verify-master-list.ts'
import type { WorkLimits } from '../path/budget.ts'
import type { PeerName } from '../path/peer-name.ts'
import type { PolicySettings } from '../path/settings.ts'
import type { AnchorBinding, CertificateAnchorInput, NamedAnchorInput } from '../path/trust-anchor.ts'
import type { OcspRequestInput } from '../revocation/ocsp-request.ts'
import type { RevocationPolicy } from '../revocation/types.ts'
import type { AlgorithmIdentifier, SignatureCompatibility, SignatureRequest } from '../signature/types.ts'
import type { ValidationInput } from '../verdict/validate-certificate.ts'
import type { GeneralSubtree, NameConstraints } from '../x509/extensions/name-constraints.ts'
import type { GeneralName } from '../x509/general-name.ts'

/** The fields of a type, each once: the compiler refuses one that is missing here, and one that the type does not have. */
function fields<T>(names: Readonly<Record<keyof T, 1>>): ReadonlySet<string> {
  return new Set(Object.keys(names))
}

const SIGNER_VALIDATION: Readonly<Record<keyof SignerValidation, 1>> = {
  anchors: 1,
  time: 1,
  revocation: 1,
  crls: 1,
  ocspResponses: 1,
  evidence: 1,
  limits: 1,
  keyCache: 1,
  signatureMemo: 1,
  maxIntermediates: 1,
  certificates: 1,
  compatibilities: 1,
}

/** The fields of every options object that the public functions take, by the name of its type. */
export const OPTION_FIELDS = Object.freeze({
  ValidationInput: fields<ValidationInput>({
    target: 1,
    intermediates: 1,
    anchors: 1,
    profile: 1,
    time: 1,
    serverName: 1,
    peerNames: 1,
    purposes: 1,
    keyUsage: 1,
    policies: 1,
    nameConstraints: 1,
    revocation: 1,
    crls: 1,
    ocspResponses: 1,
    evidence: 1,
    conformance: 1,
    maxIntermediates: 1,
    compatibilities: 1,
    limits: 1,
    keyCache: 1,
    signatureMemo: 1,
  }),
  PolicySettings: fields<PolicySettings>({
    initialPolicySet: 1,
    requireExplicitPolicy: 1,
    inhibitPolicyMapping: 1,
    inhibitAnyPolicy: 1,
  }),
  NameConstraints: fields<NameConstraints>({ permitted: 1, excluded: 1 }),
  GeneralSubtree: fields<GeneralSubtree>({ base: 1, minimum: 1, maximum: 1 }),
  /** Of each kind; `typeId` is that of an otherName. */
  GeneralName: fields<Extract<GeneralName, { readonly kind: 'otherName' }>>({ kind: 1, typeId: 1, value: 1 }),
  PeerName: fields<PeerName>({ kind: 1, value: 1 }),
  NamedAnchorInput: fields<NamedAnchorInput>({ name: 1, publicKey: 1, nameConstraints: 1 }),
  CertificateAnchorInput: fields<CertificateAnchorInput>({ certificate: 1, binding: 1, nameConstraints: 1 }),
  AnchorBinding: fields<AnchorBinding>({
    validity: 1,
    basicConstraints: 1,
    keyUsage: 1,
    extendedKeyUsage: 1,
    nameConstraints: 1,
    policies: 1,
    criticalExtensions: 1,
    certificateProfile: 1,
  }),
  WorkLimits: fields<WorkLimits>({ maxSteps: 1, maxSignatureChecks: 1, maxAttempts: 1 }),
  RevocationPolicy: fields<RevocationPolicy>({
    mode: 1,
    maximumAgeSeconds: 1,
    ageWithoutNextUpdateSeconds: 1,
    clockSkewSeconds: 1,
    indirectCrls: 1,
    deltaCrls: 1,
    laterEvidence: 1,
    ocspNonce: 1,
  }),
  OcspRequestInput: fields<OcspRequestInput>({ certificate: 1, issuer: 1, hash: 1, nonce: 1 }),
  SignatureRequest: fields<SignatureRequest>({
    algorithm: 1,
    spki: 1,
    data: 1,
    signature: 1,
    policy: 1,
    keyCache: 1,
  }),
  AlgorithmIdentifier: fields<AlgorithmIdentifier>({ oid: 1, parameters: 1 }),
  SignatureCompatibility: fields<SignatureCompatibility>({ digestInfoWithoutNull: 1, explicitCurves: 1 }),
  /** Those of the verification may be handed to the parser whole, which reads `tolerant` alone. */
  CmsParseOptions: fields<CmsParseOptions & VerifySignedDataOptions>({
    content: 1,
    contentType: 1,
    certificates: 1,
    tolerant: 1,
    policy: 1,
    keyCache: 1,
  }),
  VerifySignedDataOptions: fields<VerifySignedDataOptions>({
    content: 1,
    contentType: 1,
    certificates: 1,
    tolerant: 1,
    policy: 1,
    keyCache: 1,
  }),
  SignedDataInput: fields<SignedDataInput>({
    contentType: 1,
    content: 1,
    signers: 1,
    certificates: 1,
    crls: 1,
    detached: 1,
  }),
  SignerInput: fields<SignerInput>({
    certificate: 1,
    sid: 1,
    digest: 1,
    signatureAlgorithm: 1,
    sign: 1,
    signingTime: 1,
    attributes: 1,
    withoutAttributes: 1,
  }),
  SodParseOptions: fields<SodParseOptions>({ allowDataContentType: 1, allowMissingTag: 1, tolerant: 1 }),
  LdsSecurityObjectInput: fields<LdsSecurityObjectInput>({ hash: 1, dataGroups: 1, versionInfo: 1 }),
  VersionInfo: fields<NonNullable<LdsSecurityObjectInput['versionInfo']>>({ ldsVersion: 1, unicodeVersion: 1 }),
  DataGroup: fields<DataGroup>({ number: 1, content: 1 }),
  PassiveAuthenticationInput: fields<PassiveAuthenticationInput>({
    ...SIGNER_VALIDATION,
    sod: 1,
    dataGroups: 1,
    issuingState: 1,
  }),
  VerifyMasterListInput: fields<VerifyMasterListInput>({ ...SIGNER_VALIDATION, masterList: 1 }),
  DerRules: fields<DerRules>({ ber: 1, maxDepth: 1, maxBytes: 1 }),
})

export type OptionsName = keyof typeof OPTION_FIELDS
