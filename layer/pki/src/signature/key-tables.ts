import type { ParameterRule } from './parameter-rules.ts'
import { signatureAlgorithmByOid } from './signature-algorithms.ts'

export const idRsa = '1.2.840.113549.1.1.1'
export const idRsassaPss = '1.2.840.113549.1.1.10'
export const idDsa = '1.2.840.10040.4.1'
export const idEc = '1.2.840.10045.2.1'

/** Sizes in octets of keys that any octets of the right number, or nearly any, are: RFC 8032 §5, FIPS 204 table 2. */
const pureKeySizes: Readonly<Record<string, number>> = {
  ed25519: 32,
  ed448: 57,
  'ml-dsa-44': 1312,
  'ml-dsa-65': 1952,
  'ml-dsa-87': 2592,
}

/** The size of a signature key in octets; of SLH-DSA twice the security parameter n (FIPS 205 table 2). */
export function pureKeyBytes(keyType: string): number | undefined {
  const slhSecurity = /^slh-dsa-\w+-(\d+)[sf]$/.exec(keyType)?.[1]
  return slhSecurity === undefined ? pureKeySizes[keyType] : Number(slhSecurity) / 4
}

/** A key that agrees on or encapsulates keys and signs nothing: a target may have one, an issuer never. */
export interface AgreementKey {
  readonly name: string
  readonly bytes: number
}

/** RFC 7748, RFC 8410 §3; FIPS 203 table 3, RFC 9935 §3. */
const agreementKeys: Readonly<Record<string, AgreementKey>> = {
  '1.3.101.110': { name: 'x25519', bytes: 32 },
  '1.3.101.111': { name: 'x448', bytes: 56 },
  '2.16.840.1.101.3.4.4.1': { name: 'ml-kem-512', bytes: 800 },
  '2.16.840.1.101.3.4.4.2': { name: 'ml-kem-768', bytes: 1184 },
  '2.16.840.1.101.3.4.4.3': { name: 'ml-kem-1024', bytes: 1568 },
}

/** The row of an object identifier, if the table has it. */
export function agreementKeyByOid(oid: string): AgreementKey | undefined {
  return Object.hasOwn(agreementKeys, oid) ? agreementKeys[oid] : undefined
}

const keyRules: Readonly<Record<string, ParameterRule>> = {
  [idRsa]: 'rsaKey',
  [idRsassaPss]: 'pssKey',
  [idDsa]: 'dsaKey',
  [idEc]: 'ecKey',
}

/** The rule for the parameters in the AlgorithmIdentifier of a key; undefined for an algorithm that is not known. */
export function keyParameterRule(oid: string): ParameterRule | undefined {
  if (Object.hasOwn(keyRules, oid)) return keyRules[oid]
  if (agreementKeyByOid(oid) !== undefined) return 'agreementKey'
  return signatureAlgorithmByOid(oid)?.scheme?.kind === 'pure' ? 'pureKey' : undefined
}
