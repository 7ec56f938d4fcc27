import { PkiError } from '../errors.ts'
import type { HashName } from './hash-algorithms.ts'
import { type ParameterLevel, type ParameterRule, parameterFault } from './parameter-rules.ts'
import { decodePssParameters, isDerPss, isUsualPss } from './pss-parameters.ts'
import type { PureKeyType, SignatureEncoding, SignatureScheme } from './signature-scheme.ts'
import type { AlgorithmIdentifier } from './types.ts'

export interface SignatureAlgorithm {
  readonly oid: string
  readonly name: string
  readonly parameters: ParameterRule
  /** Undefined for RSASSA-PSS, whose parameters complete it. */
  readonly scheme?: SignatureScheme
}

function rsa(oid: string, hash: HashName, name: string): SignatureAlgorithm {
  return { oid, name, parameters: 'rsaSignature', scheme: { kind: 'rsa-pkcs1', hash } }
}

function ecdsa(oid: string, hash: HashName, name: string, encoding: SignatureEncoding = 'der'): SignatureAlgorithm {
  return { oid, name, parameters: 'ecdsaSignature', scheme: { kind: 'ecdsa', hash, encoding } }
}

function dsa(oid: string, hash: HashName, name: string): SignatureAlgorithm {
  return { oid, name, parameters: 'dsaSignature', scheme: { kind: 'dsa', hash, encoding: 'der' } }
}

function pure(oid: string, keyType: PureKeyType): SignatureAlgorithm {
  return { oid, name: keyType, parameters: 'pureSignature', scheme: { kind: 'pure', keyType } }
}

/** The only list of signature algorithms. One line each; no other file enumerates them. */
export const signatureAlgorithms: readonly SignatureAlgorithm[] = [
  rsa('1.2.840.113549.1.1.5', 'sha1', 'sha1WithRSAEncryption'),
  rsa('1.3.14.3.2.29', 'sha1', 'sha1WithRSASignature'),
  rsa('1.2.840.113549.1.1.14', 'sha224', 'sha224WithRSAEncryption'),
  rsa('1.2.840.113549.1.1.11', 'sha256', 'sha256WithRSAEncryption'),
  rsa('1.2.840.113549.1.1.12', 'sha384', 'sha384WithRSAEncryption'),
  rsa('1.2.840.113549.1.1.13', 'sha512', 'sha512WithRSAEncryption'),
  rsa('1.2.840.113549.1.1.15', 'sha512-224', 'sha512-224WithRSAEncryption'),
  rsa('1.2.840.113549.1.1.16', 'sha512-256', 'sha512-256WithRSAEncryption'),
  rsa('2.16.840.1.101.3.4.3.13', 'sha3-224', 'rsaWithSHA3-224'),
  rsa('2.16.840.1.101.3.4.3.14', 'sha3-256', 'rsaWithSHA3-256'),
  rsa('2.16.840.1.101.3.4.3.15', 'sha3-384', 'rsaWithSHA3-384'),
  rsa('2.16.840.1.101.3.4.3.16', 'sha3-512', 'rsaWithSHA3-512'),
  { oid: '1.2.840.113549.1.1.10', name: 'rsassaPss', parameters: 'pssSignature' },
  ecdsa('1.2.840.10045.4.1', 'sha1', 'ecdsaWithSHA1'),
  ecdsa('1.2.840.10045.4.3.1', 'sha224', 'ecdsaWithSHA224'),
  ecdsa('1.2.840.10045.4.3.2', 'sha256', 'ecdsaWithSHA256'),
  ecdsa('1.2.840.10045.4.3.3', 'sha384', 'ecdsaWithSHA384'),
  ecdsa('1.2.840.10045.4.3.4', 'sha512', 'ecdsaWithSHA512'),
  ecdsa('2.16.840.1.101.3.4.3.9', 'sha3-224', 'ecdsaWithSHA3-224'),
  ecdsa('2.16.840.1.101.3.4.3.10', 'sha3-256', 'ecdsaWithSHA3-256'),
  ecdsa('2.16.840.1.101.3.4.3.11', 'sha3-384', 'ecdsaWithSHA3-384'),
  ecdsa('2.16.840.1.101.3.4.3.12', 'sha3-512', 'ecdsaWithSHA3-512'),
  // BSI TR-03111 §5.2.1.1, the plain format: r and s side by side.
  ecdsa('0.4.0.127.0.7.1.1.4.1.1', 'sha1', 'ecdsaPlainSHA1', 'p1363'),
  ecdsa('0.4.0.127.0.7.1.1.4.1.2', 'sha224', 'ecdsaPlainSHA224', 'p1363'),
  ecdsa('0.4.0.127.0.7.1.1.4.1.3', 'sha256', 'ecdsaPlainSHA256', 'p1363'),
  ecdsa('0.4.0.127.0.7.1.1.4.1.4', 'sha384', 'ecdsaPlainSHA384', 'p1363'),
  ecdsa('0.4.0.127.0.7.1.1.4.1.5', 'sha512', 'ecdsaPlainSHA512', 'p1363'),
  dsa('1.2.840.10040.4.3', 'sha1', 'dsaWithSHA1'),
  dsa('2.16.840.1.101.3.4.3.1', 'sha224', 'dsaWithSHA224'),
  dsa('2.16.840.1.101.3.4.3.2', 'sha256', 'dsaWithSHA256'),
  dsa('2.16.840.1.101.3.4.3.3', 'sha384', 'dsaWithSHA384'),
  dsa('2.16.840.1.101.3.4.3.4', 'sha512', 'dsaWithSHA512'),
  pure('1.3.101.112', 'ed25519'),
  pure('1.3.101.113', 'ed448'),
  pure('2.16.840.1.101.3.4.3.17', 'ml-dsa-44'),
  pure('2.16.840.1.101.3.4.3.18', 'ml-dsa-65'),
  pure('2.16.840.1.101.3.4.3.19', 'ml-dsa-87'),
  pure('2.16.840.1.101.3.4.3.20', 'slh-dsa-sha2-128s'),
  pure('2.16.840.1.101.3.4.3.21', 'slh-dsa-sha2-128f'),
  pure('2.16.840.1.101.3.4.3.22', 'slh-dsa-sha2-192s'),
  pure('2.16.840.1.101.3.4.3.23', 'slh-dsa-sha2-192f'),
  pure('2.16.840.1.101.3.4.3.24', 'slh-dsa-sha2-256s'),
  pure('2.16.840.1.101.3.4.3.25', 'slh-dsa-sha2-256f'),
  pure('2.16.840.1.101.3.4.3.26', 'slh-dsa-shake-128s'),
  pure('2.16.840.1.101.3.4.3.27', 'slh-dsa-shake-128f'),
  pure('2.16.840.1.101.3.4.3.28', 'slh-dsa-shake-192s'),
  pure('2.16.840.1.101.3.4.3.29', 'slh-dsa-shake-192f'),
  pure('2.16.840.1.101.3.4.3.30', 'slh-dsa-shake-256s'),
  pure('2.16.840.1.101.3.4.3.31', 'slh-dsa-shake-256f'),
]

const byOid: ReadonlyMap<string, SignatureAlgorithm> = new Map(signatureAlgorithms.map(row => [row.oid, row]))

/** The row of an object identifier, if the table has it. */
export function signatureAlgorithmByOid(oid: string): SignatureAlgorithm | undefined {
  return byOid.get(oid)
}

/**
 * The scheme an AlgorithmIdentifier names, its parameters checked by the rule of its row.
 *
 * @throws algorithm_unavailable for an algorithm outside the table, der_malformed for parameters its standard forbids
 */
export function signatureScheme(algorithm: AlgorithmIdentifier): SignatureScheme {
  const row = byOid.get(algorithm.oid)
  if (row === undefined) {
    throw new PkiError('algorithm_unavailable', `signature algorithm ${algorithm.oid}`, { oid: algorithm.oid })
  }
  const fault = parameterFault(row.parameters, algorithm.parameters, 'read')
  if (fault !== undefined) throw new PkiError('der_malformed', `${row.name} has ${fault}`)
  // Present, even if empty, wherever the algorithm is that of a signature.
  return row.scheme ?? { kind: 'rsa-pss', ...decodePssParameters(algorithm.parameters ?? new Uint8Array()) }
}

/**
 * What departs from the standard of a signature algorithm in its parameters, NULL and absence distinguished. Undefined where nothing does, and
 * for an algorithm outside the table. {@link signatureScheme} decides what can be verified.
 *
 * @throws der_malformed, algorithm_unavailable for parameters of RSASSA-PSS that cannot be read
 */
export function signatureParameterFault(
  { oid, parameters }: AlgorithmIdentifier,
  level: ParameterLevel,
): string | undefined {
  const row = byOid.get(oid)
  if (row === undefined) return undefined
  const fault = parameterFault(row.parameters, parameters, level) ?? pssFault(row, parameters, level)
  return fault === undefined ? undefined : `${row.name} has ${fault}`
}

function pssFault(
  { parameters: rule }: SignatureAlgorithm,
  parameters: Uint8Array | undefined,
  level: ParameterLevel,
): string | undefined {
  if (rule !== 'pssSignature' || parameters === undefined || level === 'read') return undefined
  if (level === 'conforming')
    return isDerPss(parameters) ? undefined : 'parameters that write a DEFAULT out (X.690 §11.5)'
  return isUsualPss(parameters) ? undefined : 'parameters other than Baseline Requirements §7.1.3.2.1 prints'
}
