import { OID } from '../der/oid-names.ts'
import { PkiError } from '../errors.ts'
import type { HashName } from '../signature/hash-algorithms.ts'
import { ICAO_CSCA_RULES, ICAO_CSCA_TARGET_RULES, ICAO_NAME_RULES, icaoSignerRules } from './rules/icao-rules.ts'
import { END_ENTITY_RULES, SIGNER_RULES, TIMESTAMPING_RULES } from './rules/signing-rules.ts'
import { WEBPKI_RULES } from './rules/webpki-rules.ts'
import type { KeyPolicy, Profile, ProfileName, SignaturePolicy } from './types.ts'

const SHA2_AND_3: readonly HashName[] = [
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha512-224',
  'sha512-256',
  'sha3-224',
  'sha3-256',
  'sha3-384',
  'sha3-512',
]
const SHA2: readonly HashName[] = ['sha256', 'sha384', 'sha512']
const DOC_9303_HASHES: readonly HashName[] = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512']

const NIST_CURVES = ['secp256r1', 'secp384r1', 'secp521r1'] as const
const BRAINPOOL = [
  'brainpoolP256r1',
  'brainpoolP256t1',
  'brainpoolP320r1',
  'brainpoolP320t1',
  'brainpoolP384r1',
  'brainpoolP384t1',
  'brainpoolP512r1',
  'brainpoolP512t1',
] as const
const EDDSA = ['ed25519', 'ed448'] as const
const ML_DSA = ['ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'] as const
const SLH_DSA = ['sha2', 'shake'].flatMap(hash =>
  ['128s', '128f', '192s', '192f', '256s', '256f'].map(size => `slh-dsa-${hash}-${size}`),
)

/** 112 bits of security and more (SP 800-57 part 1 §5.6); DSA as RFC 3279 and the NIST suites still have it. */
const GENERAL_KEYS: KeyPolicy = {
  rsa: { minBits: 2048 },
  dsa: { minBits: 1024 },
  curves: ['secp224r1', 'secp256k1', ...NIST_CURVES, ...BRAINPOOL],
  explicitCurves: false,
  pure: [...EDDSA, ...ML_DSA, ...SLH_DSA],
  others: true,
}

/**
 * What RFC 5280 itself allows, by way of RFC 3279, SHA-1 included: archives and 1,024-bit DSA know nothing else. A caller that asks about a
 * peer or a purpose gets a rule against it.
 */
const GENERAL_HASHES: readonly HashName[] = ['sha1', ...SHA2_AND_3]
const GENERAL_SIGNATURES: SignaturePolicy = {
  'rsa-pkcs1': GENERAL_HASHES,
  'rsa-pss': GENERAL_HASHES,
  ecdsa: GENERAL_HASHES,
  dsa: GENERAL_HASHES,
}

const MODERN_KEYS: KeyPolicy = { ...GENERAL_KEYS, others: false, curves: [...NIST_CURVES, ...BRAINPOOL] }
const MODERN_SIGNATURES: SignaturePolicy = { 'rsa-pkcs1': SHA2_AND_3, 'rsa-pss': SHA2_AND_3, ecdsa: SHA2_AND_3 }

/** Doc 9303-12 §4.4: RSA, ECDSA over curves spelt out; documents signed with SHA-1 are still in pockets. */
const ICAO_KEYS: KeyPolicy = {
  rsa: { minBits: 1024 },
  curves: ['secp224r1', ...NIST_CURVES, 'brainpoolP224r1', ...BRAINPOOL],
  explicitCurves: true,
  pure: [],
}
const ICAO_SIGNATURES: SignaturePolicy = {
  'rsa-pkcs1': DOC_9303_HASHES,
  'rsa-pss': DOC_9303_HASHES,
  ecdsa: DOC_9303_HASHES,
}

const COMMON = {
  keys: MODERN_KEYS,
  signatures: MODERN_SIGNATURES,
  conformance: 'never',
  nonCriticalNameConstraints: true,
  nameChangeLinks: false,
  anchorNamesIssuer: false,
  compatibilities: [],
} as const satisfies Partial<Profile>

const ICAO = {
  keys: ICAO_KEYS,
  signatures: ICAO_SIGNATURES,
  conformance: 'never',
  nonCriticalNameConstraints: true,
  nameChangeLinks: true,
  anchorNamesIssuer: false,
  compatibilities: ['rsa-digestinfo-without-null', 'lenient-extensions'],
} as const satisfies Partial<Profile>

function only(purpose: string) {
  return { purposes: [purpose], anyAccepted: false }
}

/** Every profile. The same chain may be valid under one and invalid under another; which one was asked for, a verdict names. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = Object.freeze({
  rfc5280: {
    name: 'rfc5280',
    description:
      'RFC 5280 path validation; the certificate profile of its section 4 as soon as a peer or a purpose is named',
    keys: GENERAL_KEYS,
    signatures: GENERAL_SIGNATURES,
    purpose: undefined,
    rules: [],
    conformance: 'for-peer',
    nonCriticalNameConstraints: false,
    nameChangeLinks: false,
    anchorNamesIssuer: true,
    compatibilities: [],
  },
  webpki: {
    name: 'webpki',
    description: 'TLS servers under the CA/Browser Forum Baseline Requirements',
    keys: { rsa: { minBits: 2048, multipleOf: 8 }, curves: NIST_CURVES, explicitCurves: false, pure: [] },
    signatures: { 'rsa-pkcs1': SHA2, 'rsa-pss': SHA2, ecdsa: SHA2 },
    purpose: only(OID.serverAuth),
    rules: WEBPKI_RULES,
    conformance: 'always',
    nonCriticalNameConstraints: true,
    nameChangeLinks: false,
    anchorNamesIssuer: false,
    compatibilities: [],
  },
  'icao-csca': {
    ...ICAO,
    name: 'icao-csca',
    description: 'Country signing CAs and their link certificates, ICAO Doc 9303-12',
    purpose: undefined,
    rules: [...ICAO_CSCA_RULES, ...ICAO_CSCA_TARGET_RULES],
  },
  'icao-dsc': {
    ...ICAO,
    name: 'icao-dsc',
    description: 'Document signers under a country signing CA, ICAO Doc 9303-12',
    purpose: undefined,
    rules: [...ICAO_CSCA_RULES, ...icaoSignerRules(['target'])],
  },
  'master-list-signer': {
    ...ICAO,
    name: 'master-list-signer',
    description: 'Signers of CSCA master lists, ICAO Doc 9303-12 §7.1.1',
    // Doc 9303-12 §7.1.1: a CSCA has no extKeyUsage. Those of several States have one all the same, which speaks of no list.
    purpose: { ...only(OID.cscaMasterListSigningKey), anchorPurposes: false },
    rules: [...ICAO_NAME_RULES, ...icaoSignerRules(['target'])],
  },
  ocsp: {
    ...COMMON,
    name: 'ocsp',
    description: 'Delegated OCSP responders, RFC 6960 §4.2.2.2',
    purpose: only(OID.OCSPSigning),
    rules: SIGNER_RULES,
  },
  'code-signing': {
    ...COMMON,
    name: 'code-signing',
    description: 'Signers of code',
    purpose: only(OID.codeSigning),
    rules: SIGNER_RULES,
  },
  timestamping: {
    ...COMMON,
    name: 'timestamping',
    description: 'Time stamping authorities, RFC 3161 §2.3',
    purpose: only(OID.timeStamping),
    rules: TIMESTAMPING_RULES,
  },
  'mtls-client': {
    ...COMMON,
    name: 'mtls-client',
    description: 'TLS clients, RFC 5280 §4.2.1.12',
    purpose: only(OID.clientAuth),
    rules: END_ENTITY_RULES,
  },
})

/** @throws argument_invalid for a name that is not in the table */
export function profileByName(name: string): Profile {
  if (!Object.hasOwn(PROFILES, name)) throw new PkiError('argument_invalid', `'${name.slice(0, 40)}' is no profile`)
  return PROFILES[name as ProfileName]
}
