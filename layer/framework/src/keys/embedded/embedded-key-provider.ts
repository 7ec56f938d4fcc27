import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  type SignKeyObjectInput,
  sign,
} from 'node:crypto'
import { promisify } from 'node:util'
import { throwIfAborted } from '../../database/abort.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { checkSignable } from '../digest.ts'
import { signEcdsaDigest } from '../ecdsa-digest.ts'
import type { KeyProvider, SignRequest } from '../key-provider.ts'
import { isKeySpec, keySpecs } from '../key-specs.ts'
import { signRsaDigest } from '../rsa-digest.ts'
import { signatureParameters } from '../signature-parameters.ts'
import { type KeyShape, type KeySpec, signingAlgorithm } from '../signing-algorithms.ts'
import { exportSpki } from '../spki.ts'
import { type KeyStore, type KeyStoreOptions, openKeyStore } from './key-store.ts'

interface LoadedKey {
  readonly keySpec: KeySpec
  readonly privateKey: KeyObject
}

const generate = promisify(generateKeyPair)
const signAsync = promisify(
  (algorithm: string | null, data: Uint8Array, key: SignKeyObjectInput, done: (e: Error | null, s: Buffer) => void) =>
    sign(algorithm, data, key, done),
)

/**
 * Keys of this machine: node:crypto, private keys in encrypted files, decrypted in memory while the process runs. Durable and
 * usable for a small installation; it is no HSM, see docs/security.md.
 *
 * The store is opened by the first call (about 0.2 s of key derivation). `providerRef` is the SHA-256 of the public key, so a
 * file that was exchanged for another key does not open under its name.
 *
 * @throws {MmfError} (all methods but `health`) `config_invalid` for a wrong, missing or unprotected secret
 */
export function createEmbeddedKeyProvider(options: KeyStoreOptions): KeyProvider {
  let opened: Promise<KeyStore> | undefined
  const loaded = new Map<string, Promise<LoadedKey>>()

  const store = (): Promise<KeyStore> => {
    // A failure is not kept: the passphrase file may be there at the next call.
    opened ??= openKeyStore(options).catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }
  const load = (providerRef: string): Promise<LoadedKey> => {
    let key = loaded.get(providerRef)
    if (key === undefined) {
      key = store().then(opened => readKey(opened, providerRef))
      loaded.set(providerRef, key)
      key.catch(() => loaded.delete(providerRef))
    }
    return key
  }

  return {
    async create(keySpec, { signal } = {}) {
      throwIfAborted(signal)
      const target = await store()
      const { privateKey, publicKey } = await generatePair(keySpecs[keySpec])
      const spki = exportSpki(publicKey)
      const providerRef = fingerprint(spki)
      const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' })
      await target.write(providerRef, keySpec, pkcs8)
      pkcs8.fill(0)
      return { providerRef, publicKey: spki }
    },

    async sign(request) {
      checkSignable(request.algorithm, request)
      throwIfAborted(request.signal)
      const { keySpec, privateKey } = await load(request.providerRef)
      if (signingAlgorithm(request.algorithm).keySpec !== keySpec)
        throw new MmfError('key_service_refused', { detail: `a key of ${keySpec} cannot sign ${request.algorithm}` })
      throwIfAborted(request.signal)
      return 'digest' in request
        ? signDigest(request.algorithm, privateKey, request.digest)
        : signMessage(request.algorithm, privateKey, request.message)
    },

    async publicKey(providerRef, { signal } = {}) {
      throwIfAborted(signal)
      return exportSpki(createPublicKey((await load(providerRef)).privateKey))
    },

    async health(providerRefs) {
      try {
        await store()
        // Not from memory: the files have to be there for the next start, too.
        for (const providerRef of providerRefs) await readKey(await store(), providerRef)
        return { status: 'healthy' }
      } catch (error) {
        return { status: 'unhealthy', reason: isMmfError(error) ? error.message : 'the key store cannot be read' }
      }
    },
  }
}

async function readKey(store: KeyStore, providerRef: string): Promise<LoadedKey> {
  const entry = await store.read(providerRef)
  if (entry === undefined) throw new MmfError('key_service_refused', { detail: `no key ${providerRef} in this store` })
  const privateKey = createPrivateKey({ key: entry.secret, format: 'der', type: 'pkcs8' })
  entry.secret.fill(0)
  if (!isKeySpec(entry.label) || fingerprint(exportSpki(createPublicKey(privateKey))) !== providerRef)
    throw new MmfError('key_service_refused', { detail: `the key file ${providerRef} holds another key` })
  return { keySpec: entry.label, privateKey }
}

function fingerprint(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex')
}

function generatePair(row: KeyShape): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
  if (row.type === 'rsa') return generate('rsa', { modulusLength: row.modulusBits })
  if (row.type === 'ec') return generate('ec', { namedCurve: row.curve })
  if (row.type === 'ed25519') return generate('ed25519')
  // The declarations have one overload per name.
  return generate(row.type as 'ml-dsa-44')
}

/** In a thread of the pool, so that an RSA signature does not hold up other requests. */
async function signMessage(
  algorithm: SignRequest['algorithm'],
  key: KeyObject,
  message: Uint8Array,
): Promise<Uint8Array> {
  const parameters = signatureParameters(algorithm)
  switch (parameters.scheme) {
    case 'rsa-pkcs1':
      return signAsync(parameters.hash, message, { key, padding: constants.RSA_PKCS1_PADDING })
    case 'rsa-pss': {
      const padding = constants.RSA_PKCS1_PSS_PADDING
      return signAsync(parameters.hash, message, { key, padding, saltLength: parameters.saltBytes })
    }
    case 'ecdsa':
      return signAsync(parameters.hash, message, { key, dsaEncoding: 'der' })
    case 'ed25519':
    case 'ml-dsa':
      return signAsync(null, message, { key })
  }
}

async function signDigest(
  algorithm: SignRequest['algorithm'],
  key: KeyObject,
  digest: Uint8Array,
): Promise<Uint8Array> {
  const parameters = signatureParameters(algorithm)
  const { hash } = signingAlgorithm(algorithm)
  if (parameters.scheme === 'ecdsa') return signEcdsaDigest(key, digest)
  if (parameters.scheme === 'rsa-pss') return signRsaDigest({ mgfHash: parameters.hash, ...parameters }, key, digest)
  if (hash !== undefined) return signRsaDigest({ scheme: 'rsa-pkcs1', hash }, key, digest)
  throw new MmfError('digest_not_supported', { detail: `${algorithm} needs the document itself` })
}
