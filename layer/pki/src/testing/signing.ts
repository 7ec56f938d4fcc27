import { constants, sign as cryptoSign } from 'node:crypto'
import * as der from '../der/writer.ts'
import type { TestKey, TestKeyKind } from './keys.ts'

interface SigningAlgorithm {
  /** DER AlgorithmIdentifier. */
  readonly identifier: Uint8Array
  readonly hash: string | null
  readonly pss?: { readonly saltLength: number }
}

const hashOid = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const

function withNull(oid: string): Uint8Array {
  return der.sequence(der.oid(oid), der.nullValue())
}

function bare(oid: string): Uint8Array {
  return der.sequence(der.oid(oid))
}

/** RSASSA-PSS-params with every field written out where it differs from its DEFAULT (RFC 4055 §3.1). */
function pssIdentifier(hash: keyof typeof hashOid, saltLength: number): Uint8Array {
  const fields: Uint8Array[] = []
  if (hash !== 'sha1') {
    fields.push(der.explicit(0, withNull(hashOid[hash])))
    fields.push(der.explicit(1, der.sequence(der.oid('1.2.840.113549.1.1.8'), withNull(hashOid[hash]))))
  }
  if (saltLength !== 20) fields.push(der.explicit(2, der.integer(saltLength)))
  return der.sequence(der.oid('1.2.840.113549.1.1.10'), der.sequence(...fields))
}

/** Signature algorithms of the mock CA: what stands in the certificate and how the signature is made. */
export const signingAlgorithms = {
  'rsa-sha1': { identifier: withNull('1.2.840.113549.1.1.5'), hash: 'sha1' },
  'rsa-sha256': { identifier: withNull('1.2.840.113549.1.1.11'), hash: 'sha256' },
  'rsa-sha384': { identifier: withNull('1.2.840.113549.1.1.12'), hash: 'sha384' },
  'rsa-sha512': { identifier: withNull('1.2.840.113549.1.1.13'), hash: 'sha512' },
  'pss-sha1': { identifier: pssIdentifier('sha1', 20), hash: 'sha1', pss: { saltLength: 20 } },
  'pss-sha256': { identifier: pssIdentifier('sha256', 32), hash: 'sha256', pss: { saltLength: 32 } },
  'pss-sha384': { identifier: pssIdentifier('sha384', 48), hash: 'sha384', pss: { saltLength: 48 } },
  'pss-sha512': { identifier: pssIdentifier('sha512', 64), hash: 'sha512', pss: { saltLength: 64 } },
  'ecdsa-sha1': { identifier: bare('1.2.840.10045.4.1'), hash: 'sha1' },
  'ecdsa-sha256': { identifier: bare('1.2.840.10045.4.3.2'), hash: 'sha256' },
  'ecdsa-sha384': { identifier: bare('1.2.840.10045.4.3.3'), hash: 'sha384' },
  'ecdsa-sha512': { identifier: bare('1.2.840.10045.4.3.4'), hash: 'sha512' },
  ed25519: { identifier: bare('1.3.101.112'), hash: null },
  'ml-dsa-44': { identifier: bare('2.16.840.1.101.3.4.3.17'), hash: null },
  'ml-dsa-65': { identifier: bare('2.16.840.1.101.3.4.3.18'), hash: null },
  'ml-dsa-87': { identifier: bare('2.16.840.1.101.3.4.3.19'), hash: null },
} as const satisfies Record<string, SigningAlgorithm>

export type SigningAlgorithmName = keyof typeof signingAlgorithms

const defaultAlgorithms: Readonly<Record<TestKeyKind, SigningAlgorithmName>> = {
  'rsa-1024': 'rsa-sha256',
  'rsa-2048': 'rsa-sha256',
  'rsa-3072': 'rsa-sha256',
  'rsa-pss-2048': 'pss-sha256',
  p256: 'ecdsa-sha256',
  p384: 'ecdsa-sha384',
  p521: 'ecdsa-sha512',
  secp256k1: 'ecdsa-sha256',
  brainpoolP256r1: 'ecdsa-sha256',
  brainpoolP384r1: 'ecdsa-sha384',
  brainpoolP512r1: 'ecdsa-sha512',
  'p256-explicit': 'ecdsa-sha256',
  'brainpoolP256r1-explicit': 'ecdsa-sha256',
  ed25519: 'ed25519',
  'ml-dsa-44': 'ml-dsa-44',
  'ml-dsa-65': 'ml-dsa-65',
  'ml-dsa-87': 'ml-dsa-87',
}

/** The algorithm a key signs with unless told otherwise. */
export function defaultAlgorithm(key: TestKey): SigningAlgorithmName {
  return defaultAlgorithms[key.kind]
}

/** Signs bytes with a test key. */
export function signBytes(
  data: Uint8Array,
  key: TestKey,
  algorithm: SigningAlgorithmName = defaultAlgorithm(key),
): Uint8Array {
  const { hash, pss }: SigningAlgorithm = signingAlgorithms[algorithm]
  if (pss === undefined) return new Uint8Array(cryptoSign(hash, data, key.privateKey))
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return new Uint8Array(cryptoSign(hash, data, { key: key.privateKey, padding, saltLength: pss.saltLength }))
}

/** How a signed structure deviates from a right one; for negative tests. */
export interface SigningOptions {
  readonly algorithm?: SigningAlgorithmName
  /** What the outer AlgorithmIdentifier says, where it shall differ from the inner one. */
  readonly outerAlgorithm?: SigningAlgorithmName
  /** The AlgorithmIdentifier to write, inside and outside, in place of the usual one; the signature is made as ever. */
  readonly identifier?: Uint8Array
  /** Flip one bit of the signature. */
  readonly corruptSignature?: boolean
}

/** SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING }: the SIGNED macro of certificates and CRLs. */
export function signed(tbs: Uint8Array, key: TestKey, options: SigningOptions = {}): Uint8Array {
  const algorithm = options.algorithm ?? defaultAlgorithm(key)
  const signature = signBytes(tbs, key, algorithm)
  if (options.corruptSignature) signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1
  const outer = options.identifier ?? signingAlgorithms[options.outerAlgorithm ?? algorithm].identifier
  return der.sequence(tbs, outer, der.bitString(signature))
}
