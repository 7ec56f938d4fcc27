import { oids } from '../der/oid-names.ts'
import { PkiError } from '../errors.ts'
import type { HashName } from '../signature/hash-algorithms.ts'
import { icaoCscaRules, icaoCscaTargetRules, icaoNameRules, icaoSignerRules } from './rules/icao-rules.ts'
import { endEntityRules, signerRules, timestampingRules } from './rules/signing-rules.ts'
import { webpkiRules } from './rules/webpki-rules.ts'
import type { KeyPolicy, Profile, ProfileName, SignaturePolicy } from './types.ts'

const sha2And3: readonly HashName[] = [
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
const sha2Hashes: readonly HashName[] = ['sha256', 'sha384', 'sha512']
const doc9303Hashes: readonly HashName[] = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512']

const nistCurves = ['secp256r1', 'secp384r1', 'secp521r1'] as const
const brainpool = [
  'brainpoolP256r1',
  'brainpoolP256t1',
  'brainpoolP320r1',
  'brainpoolP320t1',
  'brainpoolP384r1',
  'brainpoolP384t1',
  'brainpoolP512r1',
  'brainpoolP512t1',
] as const
const eddsa = ['ed25519', 'ed448'] as const
const mlDsa = ['ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'] as const
const slhDsa = ['sha2', 'shake'].flatMap(hash =>
  ['128s', '128f', '192s', '192f', '256s', '256f'].map(size => `slh-dsa-${hash}-${size}`),
)

/** 112 bits of security and more (SP 800-57 part 1 §5.6); DSA as RFC 3279 and the NIST suites still have it. */
const generalKeys: KeyPolicy = {
  rsa: { minBits: 2048 },
  dsa: { minBits: 1024 },
  curves: ['secp224r1', 'secp256k1', ...nistCurves, ...brainpool],
  explicitCurves: false,
  pure: [...eddsa, ...mlDsa, ...slhDsa],
  others: true,
}

/**
 * What RFC 5280 itself allows, by way of RFC 3279, SHA-1 included: archives and 1,024-bit DSA know nothing else. A caller that asks about a
 * peer or a purpose gets a rule against it.
 */
const generalHashes: readonly HashName[] = ['sha1', ...sha2And3]
const generalSignatures: SignaturePolicy = {
  'rsa-pkcs1': generalHashes,
  'rsa-pss': generalHashes,
  ecdsa: generalHashes,
  dsa: generalHashes,
}

const modernKeys: KeyPolicy = { ...generalKeys, others: false, curves: [...nistCurves, ...brainpool] }
const modernSignatures: SignaturePolicy = { 'rsa-pkcs1': sha2And3, 'rsa-pss': sha2And3, ecdsa: sha2And3 }

/** Doc 9303-12 §4.1.6: RSA, ECDSA over curves spelt out, SHA-2. By policy SHA-1 too: documents signed with it are still in pockets. */
const icaoKeys: KeyPolicy = {
  rsa: { minBits: 1024 },
  curves: ['secp224r1', ...nistCurves, 'brainpoolP224r1', ...brainpool],
  explicitCurves: true,
  pure: [],
}
const icaoSignatures: SignaturePolicy = {
  'rsa-pkcs1': doc9303Hashes,
  'rsa-pss': doc9303Hashes,
  ecdsa: doc9303Hashes,
}

const commonDefaults = {
  keys: modernKeys,
  signatures: modernSignatures,
  conformance: 'never',
  nonCriticalNameConstraints: true,
  nameChangeLinks: false,
  anchorNamesIssuer: false,
  compatibilities: [],
} as const satisfies Partial<Profile>

const icaoDefaults = {
  keys: icaoKeys,
  signatures: icaoSignatures,
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
export const profiles: Readonly<Record<ProfileName, Profile>> = Object.freeze({
  rfc5280: {
    name: 'rfc5280',
    description:
      'RFC 5280 path validation; the certificate profile of its section 4 as soon as a peer or a purpose is named',
    keys: generalKeys,
    signatures: generalSignatures,
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
    keys: { rsa: { minBits: 2048, multipleOf: 8 }, curves: nistCurves, explicitCurves: false, pure: [] },
    signatures: { 'rsa-pkcs1': sha2Hashes, 'rsa-pss': sha2Hashes, ecdsa: sha2Hashes },
    purpose: only(oids.serverAuth),
    rules: webpkiRules,
    conformance: 'always',
    nonCriticalNameConstraints: true,
    nameChangeLinks: false,
    anchorNamesIssuer: false,
    compatibilities: [],
  },
  'icao-csca': {
    ...icaoDefaults,
    name: 'icao-csca',
    description: 'Country signing CAs and their link certificates, ICAO Doc 9303-12',
    purpose: undefined,
    rules: [...icaoCscaRules, ...icaoCscaTargetRules],
  },
  'icao-dsc': {
    ...icaoDefaults,
    name: 'icao-dsc',
    description: 'Document signers under a country signing CA, ICAO Doc 9303-12',
    purpose: undefined,
    rules: [...icaoCscaRules, ...icaoSignerRules(['target'])],
  },
  'master-list-signer': {
    ...icaoDefaults,
    name: 'master-list-signer',
    description: 'Signers of CSCA master lists, ICAO Doc 9303-12 §7.1.1',
    // Doc 9303-12 §7.1.1: a CSCA has no extKeyUsage. Those of several States have one all the same, which speaks of no list.
    purpose: { ...only(oids.cscaMasterListSigningKey), anchorPurposes: false },
    rules: [...icaoNameRules, ...icaoSignerRules(['target'])],
  },
  ocsp: {
    ...commonDefaults,
    name: 'ocsp',
    description: 'Delegated OCSP responders, RFC 6960 §4.2.2.2',
    purpose: only(oids.OCSPSigning),
    rules: signerRules,
  },
  'code-signing': {
    ...commonDefaults,
    name: 'code-signing',
    description: 'Signers of code',
    purpose: only(oids.codeSigning),
    rules: signerRules,
  },
  timestamping: {
    ...commonDefaults,
    name: 'timestamping',
    description: 'Time stamping authorities, RFC 3161 §2.3',
    purpose: only(oids.timeStamping),
    rules: timestampingRules,
  },
  'mtls-client': {
    ...commonDefaults,
    name: 'mtls-client',
    description: 'TLS clients, RFC 5280 §4.2.1.12',
    purpose: only(oids.clientAuth),
    rules: endEntityRules,
  },
})

/** @throws argument_invalid for a name that is not in the table */
export function profileByName(name: string): Profile {
  if (!Object.hasOwn(profiles, name)) throw new PkiError('argument_invalid', `'${name.slice(0, 40)}' is no profile`)
  return profiles[name as ProfileName]
}
