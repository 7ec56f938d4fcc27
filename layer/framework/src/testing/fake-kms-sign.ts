import { constants, type KeyObject, sign } from 'node:crypto'
import { digestOf } from '../keys/digest.ts'
import { signEcdsaDigest } from '../keys/ecdsa-digest.ts'
import { algorithmsOf, keySpecs } from '../keys/key-specs.ts'
import { signRsaDigest } from '../keys/rsa-digest.ts'
import {
  type KeySpec,
  type MlDsaType,
  type SigningAlgorithmName,
  signingAlgorithm,
} from '../keys/signing-algorithms.ts'

export interface FakeKmsKey {
  readonly arn: string
  readonly keySpec: KeySpec
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** An error as KMS answers it: `__type` is the name. */
export class KmsFailure extends Error {
  readonly status: number
  constructor(name: string, message: string, status = 400) {
    super(message)
    this.name = name
    this.status = status
  }
}

type MessageType = 'RAW' | 'DIGEST' | 'EXTERNAL_MU'

interface CheckedRequest {
  readonly algorithm: SigningAlgorithmName
  readonly type: MessageType
  readonly message: Buffer
}

/** The checks of KMS's Sign (API reference: Message 1–4,096 bytes; MessageType; InvalidKeyUsageException). */
export function checkSignRequest(key: FakeKmsKey, input: Readonly<Record<string, unknown>>): CheckedRequest {
  const { Message: text, MessageType: type = 'RAW', SigningAlgorithm: kmsName } = input
  if (type !== 'RAW' && type !== 'DIGEST' && type !== 'EXTERNAL_MU')
    throw invalid("Value at 'messageType' failed to satisfy constraint: Member must satisfy enum value set")
  const message = Buffer.from(typeof text === 'string' ? text : '', 'base64')
  if (message.length < 1 || message.length > 4096)
    throw invalid("Value at 'message' failed to satisfy constraint: Member must have length between 1 and 4096")
  const algorithm = algorithmsOf(key.keySpec).find(name => signingAlgorithm(name).kms === kmsName)
  if (algorithm === undefined)
    throw new KmsFailure(
      'InvalidKeyUsageException',
      `Algorithm ${kmsName} and key spec ${key.keySpec} are incompatible.`,
    )
  const { digestBytes } = signingAlgorithm(algorithm)
  if (type === 'DIGEST' && digestBytes === undefined) throw invalid(`DIGEST is not supported for ${kmsName}`)
  if (type === 'DIGEST' && message.length !== digestBytes)
    throw invalid(`Digest is invalid length for algorithm ${kmsName}.`)
  if (type === 'EXTERNAL_MU' && signingAlgorithm(algorithm).scheme !== 'ml-dsa')
    throw invalid(`EXTERNAL_MU is not supported for ${kmsName}`)
  if (type === 'EXTERNAL_MU' && message.length !== 64) throw invalid('An external mu has 64 bytes.')
  return { algorithm, type, message }
}

/** KMS signs RAW messages after hashing them itself; its PSS salt is as long as the digest. */
export async function signAsKms(key: FakeKmsKey, { algorithm, type, message }: CheckedRequest) {
  const signature = await signatureOf(key, algorithm, type, message)
  return {
    KeyId: key.arn,
    Signature: Buffer.from(signature).toString('base64'),
    SigningAlgorithm: signingAlgorithm(algorithm).kms,
  }
}

async function signatureOf(
  { privateKey, keySpec }: FakeKmsKey,
  algorithm: SigningAlgorithmName,
  type: MessageType,
  message: Buffer,
): Promise<Uint8Array> {
  const { scheme, hash, saltBytes = 0 } = signingAlgorithm(algorithm)
  if (hash === undefined) {
    const { type: mlDsa } = keySpecs[keySpec]
    return type === 'EXTERNAL_MU' ? signExternalMu(mlDsa, privateKey, message) : sign(null, message, privateKey)
  }
  if (type === 'RAW' && scheme === 'rsa-pss')
    return sign(hash, message, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltBytes })
  const digest = type === 'DIGEST' ? message : digestOf(algorithm, message)
  if (scheme === 'ecdsa') return signEcdsaDigest(privateKey, digest)
  if (scheme === 'rsa-pss') return signRsaDigest({ scheme, hash, mgfHash: hash, saltBytes }, privateKey, digest)
  return signRsaDigest({ scheme: 'rsa-pkcs1', hash }, privateKey, digest)
}

/** node:crypto signs messages only, so the key is expanded again from its seed (RFC 9964: `priv` is the seed). */
async function signExternalMu(type: string, privateKey: KeyObject, mu: Uint8Array): Promise<Uint8Array> {
  const { ml_dsa44, ml_dsa65, ml_dsa87 } = await import('@noble/post-quantum/ml-dsa.js')
  const schemes = { 'ml-dsa-44': ml_dsa44, 'ml-dsa-65': ml_dsa65, 'ml-dsa-87': ml_dsa87 }
  const scheme = schemes[type as MlDsaType]
  const { priv } = privateKey.export({ format: 'jwk' }) as { priv?: string }
  const { secretKey } = scheme.keygen(Buffer.from(priv ?? '', 'base64url'))
  return scheme.internal.sign(mu, secretKey, { externalMu: true })
}

function invalid(message: string): KmsFailure {
  return new KmsFailure('ValidationException', message)
}
