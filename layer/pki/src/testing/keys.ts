import { generateKeyPairSync, type KeyObject, type RSAPSSKeyPairKeyObjectOptions } from 'node:crypto'

// The runtime wants a number for saltLength; the declarations say string.
const pssOptions = {
  modulusLength: 2048,
  hashAlgorithm: 'sha256',
  mgf1HashAlgorithm: 'sha256',
  saltLength: 32,
} as unknown as RSAPSSKeyPairKeyObjectOptions

/** How each kind of test key is made. Explicit parameters are ICAO's way of writing an EC key (Doc 9303-12 §4.1.6.3). */
const keyKinds = {
  'rsa-1024': () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
  'rsa-2048': () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'rsa-3072': () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
  'rsa-pss-2048': () => generateKeyPairSync('rsa-pss', pssOptions),
  p256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  secp256k1: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  brainpoolP256r1: () => generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1' }),
  brainpoolP384r1: () => generateKeyPairSync('ec', { namedCurve: 'brainpoolP384r1' }),
  brainpoolP512r1: () => generateKeyPairSync('ec', { namedCurve: 'brainpoolP512r1' }),
  'p256-explicit': () => generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }),
  'brainpoolP256r1-explicit': () =>
    generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1', paramEncoding: 'explicit' }),
  ed25519: () => generateKeyPairSync('ed25519'),
  'ml-dsa-44': () => generateKeyPairSync('ml-dsa-44'),
  'ml-dsa-65': () => generateKeyPairSync('ml-dsa-65'),
  'ml-dsa-87': () => generateKeyPairSync('ml-dsa-87'),
} as const satisfies Record<string, () => { publicKey: KeyObject; privateKey: KeyObject }>

export type TestKeyKind = keyof typeof keyKinds

/** A real key pair for tests. */
export interface TestKey {
  readonly kind: TestKeyKind
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
}

// Key generation is the slow part of a mock CA; a key is made once per process, when first asked for.
const pool = new Map<string, TestKey>()

/**
 * A key from the process-wide pool: the same kind and label give the same key. Different labels give different keys.
 * Default: P-256, the cheapest kind to generate and use.
 */
export function testKey(kind: TestKeyKind = 'p256', label: string | number = 0): TestKey {
  const id = `${kind}/${label}`
  let key = pool.get(id)
  if (key === undefined) {
    key = newTestKey(kind)
    pool.set(id, key)
  }
  return key
}

/** A fresh key outside the pool. */
function newTestKey(kind: TestKeyKind = 'p256'): TestKey {
  const { publicKey, privateKey } = keyKinds[kind]()
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
  return { kind, publicKey, privateKey, spki }
}
