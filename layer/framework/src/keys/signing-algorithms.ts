/**
 * THE table of signing algorithms. No other file enumerates them; adding one is one row.
 *
 * KMS names are those of its API; `oid` is the AlgorithmIdentifier of X.509 (RFC 8017 A.2, RFC 5758 §3.2, RFC 9881 §2); `jwa` is
 * the JOSE name (RFC 7518 §3.1, RFC 9964 for ML-DSA).
 */
export const signingAlgorithms = {
  'RSA-SHA256': {
    scheme: 'rsa-pkcs1',
    keySpec: 'RSA_3072',
    kms: 'RSASSA_PKCS1_V1_5_SHA_256',
    hash: 'sha256',
    digestBytes: 32,
    jwa: 'RS256',
    oid: '1.2.840.113549.1.1.11',
  },
  'RSA-SHA384': {
    scheme: 'rsa-pkcs1',
    keySpec: 'RSA_3072',
    kms: 'RSASSA_PKCS1_V1_5_SHA_384',
    hash: 'sha384',
    digestBytes: 48,
    jwa: 'RS384',
    oid: '1.2.840.113549.1.1.12',
  },
  'RSA-SHA512': {
    scheme: 'rsa-pkcs1',
    keySpec: 'RSA_3072',
    kms: 'RSASSA_PKCS1_V1_5_SHA_512',
    hash: 'sha512',
    digestBytes: 64,
    jwa: 'RS512',
    oid: '1.2.840.113549.1.1.13',
  },
  'RSA-PSS-SHA256': {
    scheme: 'rsa-pss',
    keySpec: 'RSA_3072',
    kms: 'RSASSA_PSS_SHA_256',
    hash: 'sha256',
    digestBytes: 32,
    saltBytes: 32,
    jwa: 'PS256',
    oid: '1.2.840.113549.1.1.10',
  },
  'RSA-PSS-SHA384': {
    scheme: 'rsa-pss',
    keySpec: 'RSA_3072',
    kms: 'RSASSA_PSS_SHA_384',
    hash: 'sha384',
    digestBytes: 48,
    saltBytes: 48,
    jwa: 'PS384',
    oid: '1.2.840.113549.1.1.10',
  },
  'RSA-PSS-SHA512': {
    scheme: 'rsa-pss',
    keySpec: 'RSA_3072',
    kms: 'RSASSA_PSS_SHA_512',
    hash: 'sha512',
    digestBytes: 64,
    saltBytes: 64,
    jwa: 'PS512',
    oid: '1.2.840.113549.1.1.10',
  },
  'ECDSA-SHA256': {
    scheme: 'ecdsa',
    keySpec: 'ECC_NIST_P256',
    kms: 'ECDSA_SHA_256',
    hash: 'sha256',
    digestBytes: 32,
    jwa: 'ES256',
    oid: '1.2.840.10045.4.3.2',
  },
  'ECDSA-SHA384': {
    scheme: 'ecdsa',
    keySpec: 'ECC_NIST_P384',
    kms: 'ECDSA_SHA_384',
    hash: 'sha384',
    digestBytes: 48,
    jwa: 'ES384',
    oid: '1.2.840.10045.4.3.3',
  },
  'ECDSA-SHA512': {
    scheme: 'ecdsa',
    keySpec: 'ECC_NIST_P521',
    kms: 'ECDSA_SHA_512',
    hash: 'sha512',
    digestBytes: 64,
    jwa: 'ES512',
    oid: '1.2.840.10045.4.3.4',
  },
  'ML-DSA-44': {
    scheme: 'ml-dsa',
    keySpec: 'ML_DSA_44',
    kms: 'ML_DSA_SHAKE_256',
    jwa: 'ML-DSA-44',
    oid: '2.16.840.1.101.3.4.3.17',
  },
  'ML-DSA-65': {
    scheme: 'ml-dsa',
    keySpec: 'ML_DSA_65',
    kms: 'ML_DSA_SHAKE_256',
    jwa: 'ML-DSA-65',
    oid: '2.16.840.1.101.3.4.3.18',
  },
  'ML-DSA-87': {
    scheme: 'ml-dsa',
    keySpec: 'ML_DSA_87',
    kms: 'ML_DSA_SHAKE_256',
    jwa: 'ML-DSA-87',
    oid: '2.16.840.1.101.3.4.3.19',
  },
} as const satisfies Record<string, SigningAlgorithmRow>

export type Hash = 'sha256' | 'sha384' | 'sha512'

/** One row. Algorithms without `hash` sign messages only (ML-DSA hashes inside). PSS uses MGF1 with the same hash. */
export interface SigningAlgorithmRow {
  readonly scheme: 'rsa-pkcs1' | 'rsa-pss' | 'ecdsa' | 'ml-dsa'
  readonly keySpec:
    | 'RSA_3072'
    | 'ECC_NIST_P256'
    | 'ECC_NIST_P384'
    | 'ECC_NIST_P521'
    | 'ML_DSA_44'
    | 'ML_DSA_65'
    | 'ML_DSA_87'
  readonly kms: string
  readonly hash?: Hash
  readonly digestBytes?: number
  /** PSS salt length in bytes: as long as the digest, as KMS does. */
  readonly saltBytes?: number
  readonly jwa: string
  readonly oid: string
}

export type SigningAlgorithmName = keyof typeof signingAlgorithms
export type KeySpec = SigningAlgorithmRow['keySpec']

export const signingAlgorithmNames = Object.keys(signingAlgorithms) as readonly SigningAlgorithmName[]

/** The row of a name. The type makes an unknown name impossible; values from outside pass a schema first. */
export function signingAlgorithm(name: SigningAlgorithmName): SigningAlgorithmRow {
  return signingAlgorithms[name]
}
