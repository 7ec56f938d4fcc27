/** An RSA key: the size of its modulus in bits. */
interface RsaKey {
  readonly type: 'rsa'
  readonly modulusBits: number
}

/** The part of a curve of `@noble/curves` that signs and verifies ready digests, which node:crypto cannot. */
interface DigestCurve {
  sign(digest: Uint8Array, privateKey: Uint8Array, options: DigestOptions): Uint8Array
  verify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array, options: DigestOptions): boolean
}

interface DigestOptions {
  readonly lowS: false
  readonly prehash: false
  readonly format: 'compact'
  readonly extraEntropy?: true
}

/** A key on a curve. `curve` is OpenSSL's name; `coordinateBytes` is ceil(log256 p) (SEC 1 §2.3.5). */
interface EcKey {
  readonly type: 'ec'
  readonly curve: string
  readonly coordinateBytes: number
  /** Loads the arithmetic for ready digests, when the first one comes. */
  readonly digestCurve: () => Promise<DigestCurve>
}

/** An ML-DSA key. Sizes in bytes (FIPS 204 table 2). */
interface MlDsaKey {
  readonly type: MlDsaType
  readonly publicKeyBytes: number
  readonly signatureBytes: number
}

/** An Ed25519 key (RFC 8032 §5.1). */
interface Ed25519Key {
  readonly type: 'ed25519'
}

export type MlDsaType = 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87'

/** What a key spec is. `type` is `KeyObject.asymmetricKeyType`. */
export type KeyShape = RsaKey | EcKey | MlDsaKey | Ed25519Key

export type Hash = 'sha256' | 'sha384' | 'sha512'

interface CommonRow {
  /** The name of the KMS API. Rows of one key spec have the same `key`. */
  readonly keySpec: string
  /** The name of the KMS API. */
  readonly kms: string
  /** The JOSE name. */
  readonly jwa: string
  readonly oid: string
}

interface HashedRow extends CommonRow {
  readonly hash: Hash
  readonly digestBytes: number
}

interface Pkcs1Row extends HashedRow {
  readonly scheme: 'rsa-pkcs1'
  readonly key: RsaKey
  readonly saltBytes?: undefined
}

/** MGF1 uses the same hash. */
interface PssRow extends HashedRow {
  readonly scheme: 'rsa-pss'
  readonly key: RsaKey
  /** Bytes of salt: as many as the digest has, as KMS does. */
  readonly saltBytes: number
}

interface EcdsaRow extends HashedRow {
  readonly scheme: 'ecdsa'
  readonly key: EcKey
  readonly saltBytes?: undefined
}

/** ML-DSA hashes inside, so it signs messages only. */
interface MlDsaRow extends CommonRow {
  readonly scheme: 'ml-dsa'
  readonly key: MlDsaKey
  readonly hash?: undefined
  readonly digestBytes?: undefined
  readonly saltBytes?: undefined
}

/** Ed25519 signs messages only. KMS takes no longer ones than 4,096 bytes, so no adapter does. */
interface Ed25519Row extends CommonRow {
  readonly scheme: 'ed25519'
  readonly key: Ed25519Key
  readonly maxMessageBytes: number
  readonly hash?: undefined
  readonly digestBytes?: undefined
  readonly saltBytes?: undefined
}

export type SigningAlgorithmRow = Pkcs1Row | PssRow | EcdsaRow | MlDsaRow | Ed25519Row

const rsa3072 = { keySpec: 'RSA_3072', key: { type: 'rsa', modulusBits: 3072 } } as const

/**
 * The table of signing algorithms and their keys. No other file lists them: an algorithm is one row, its key included.
 *
 * KMS names are those of its API; `oid` is the AlgorithmIdentifier of X.509 (RFC 8017 A.2, RFC 5758 §3.2, RFC 9881 §2, RFC 8410 §3); `jwa` is
 * the JOSE name (RFC 7518 §3.1, RFC 9964 for ML-DSA, RFC 9864 for Ed25519).
 */
export const signingAlgorithms = {
  'RSA-SHA256': {
    scheme: 'rsa-pkcs1',
    ...rsa3072,
    kms: 'RSASSA_PKCS1_V1_5_SHA_256',
    hash: 'sha256',
    digestBytes: 32,
    jwa: 'RS256',
    oid: '1.2.840.113549.1.1.11',
  },
  'RSA-SHA384': {
    scheme: 'rsa-pkcs1',
    ...rsa3072,
    kms: 'RSASSA_PKCS1_V1_5_SHA_384',
    hash: 'sha384',
    digestBytes: 48,
    jwa: 'RS384',
    oid: '1.2.840.113549.1.1.12',
  },
  'RSA-SHA512': {
    scheme: 'rsa-pkcs1',
    ...rsa3072,
    kms: 'RSASSA_PKCS1_V1_5_SHA_512',
    hash: 'sha512',
    digestBytes: 64,
    jwa: 'RS512',
    oid: '1.2.840.113549.1.1.13',
  },
  'RSA-PSS-SHA256': {
    scheme: 'rsa-pss',
    ...rsa3072,
    kms: 'RSASSA_PSS_SHA_256',
    hash: 'sha256',
    digestBytes: 32,
    saltBytes: 32,
    jwa: 'PS256',
    oid: '1.2.840.113549.1.1.10',
  },
  'RSA-PSS-SHA384': {
    scheme: 'rsa-pss',
    ...rsa3072,
    kms: 'RSASSA_PSS_SHA_384',
    hash: 'sha384',
    digestBytes: 48,
    saltBytes: 48,
    jwa: 'PS384',
    oid: '1.2.840.113549.1.1.10',
  },
  'RSA-PSS-SHA512': {
    scheme: 'rsa-pss',
    ...rsa3072,
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
    key: {
      type: 'ec',
      curve: 'prime256v1',
      coordinateBytes: 32,
      digestCurve: async () => (await import('@noble/curves/nist.js')).p256,
    },
    kms: 'ECDSA_SHA_256',
    hash: 'sha256',
    digestBytes: 32,
    jwa: 'ES256',
    oid: '1.2.840.10045.4.3.2',
  },
  'ECDSA-SHA384': {
    scheme: 'ecdsa',
    keySpec: 'ECC_NIST_P384',
    key: {
      type: 'ec',
      curve: 'secp384r1',
      coordinateBytes: 48,
      digestCurve: async () => (await import('@noble/curves/nist.js')).p384,
    },
    kms: 'ECDSA_SHA_384',
    hash: 'sha384',
    digestBytes: 48,
    jwa: 'ES384',
    oid: '1.2.840.10045.4.3.3',
  },
  'ECDSA-SHA512': {
    scheme: 'ecdsa',
    keySpec: 'ECC_NIST_P521',
    key: {
      type: 'ec',
      curve: 'secp521r1',
      coordinateBytes: 66,
      digestCurve: async () => (await import('@noble/curves/nist.js')).p521,
    },
    kms: 'ECDSA_SHA_512',
    hash: 'sha512',
    digestBytes: 64,
    jwa: 'ES512',
    oid: '1.2.840.10045.4.3.4',
  },
  'ML-DSA-44': {
    scheme: 'ml-dsa',
    keySpec: 'ML_DSA_44',
    key: { type: 'ml-dsa-44', publicKeyBytes: 1312, signatureBytes: 2420 },
    kms: 'ML_DSA_SHAKE_256',
    jwa: 'ML-DSA-44',
    oid: '2.16.840.1.101.3.4.3.17',
  },
  'ML-DSA-65': {
    scheme: 'ml-dsa',
    keySpec: 'ML_DSA_65',
    key: { type: 'ml-dsa-65', publicKeyBytes: 1952, signatureBytes: 3309 },
    kms: 'ML_DSA_SHAKE_256',
    jwa: 'ML-DSA-65',
    oid: '2.16.840.1.101.3.4.3.18',
  },
  'ML-DSA-87': {
    scheme: 'ml-dsa',
    keySpec: 'ML_DSA_87',
    key: { type: 'ml-dsa-87', publicKeyBytes: 2592, signatureBytes: 4627 },
    kms: 'ML_DSA_SHAKE_256',
    jwa: 'ML-DSA-87',
    oid: '2.16.840.1.101.3.4.3.19',
  },
  Ed25519: {
    scheme: 'ed25519',
    keySpec: 'ECC_NIST_EDWARDS25519',
    key: { type: 'ed25519' },
    kms: 'ED25519_SHA_512',
    maxMessageBytes: 4096,
    jwa: 'Ed25519',
    oid: '1.3.101.112',
  },
} as const satisfies Record<string, SigningAlgorithmRow>

export type SigningAlgorithmName = keyof typeof signingAlgorithms
export type KeySpec = (typeof signingAlgorithms)[SigningAlgorithmName]['keySpec']

/** Every row of the table. */
export const allSigningAlgorithmNames = Object.keys(signingAlgorithms) as readonly SigningAlgorithmName[]

/** What documents are signed with: messages of any size. Ed25519 signs the checkpoints of logs. */
export const signingAlgorithmNames: readonly SigningAlgorithmName[] = allSigningAlgorithmNames.filter(
  name => signingAlgorithms[name].scheme !== 'ed25519',
)

/** The row of a name. The type makes an unknown name impossible; values from outside pass a schema first. */
export function signingAlgorithm(name: SigningAlgorithmName): SigningAlgorithmRow & { readonly keySpec: KeySpec } {
  return signingAlgorithms[name]
}
