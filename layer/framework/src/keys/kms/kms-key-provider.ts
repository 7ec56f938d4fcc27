import type {
  CreateKeyCommand,
  DescribeKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  MessageType,
  SignCommand,
  SigningAlgorithmSpec,
} from '@aws-sdk/client-kms'
import { abortError, throwIfAborted } from '../../database/abort.ts'
import { defined } from '../../defined.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import type { HealthResult } from '../../health/health.ts'
import { checkSignable, digestOf } from '../digest.ts'
import type { KeyProvider, SignRequest } from '../key-provider.ts'
import { externalMu } from '../ml-dsa-mu.ts'
import { signingAlgorithm } from '../signing-algorithms.ts'
import { publicKeyBits } from '../spki.ts'
import { kmsError } from './kms-errors.ts'

/** The command classes, handed in with the client, so that this module loads no SDK. */
interface KmsCommands {
  readonly SignCommand: typeof SignCommand
  readonly GetPublicKeyCommand: typeof GetPublicKeyCommand
  readonly DescribeKeyCommand: typeof DescribeKeyCommand
  /** Only where keys are made outside the deployment; without it `create` refuses. */
  readonly CreateKeyCommand?: typeof CreateKeyCommand
}

export interface KmsKeyProviderOptions {
  /** Its `maxAttempts` decides about repeats; the provider itself sends each command once. */
  readonly client: Pick<KMSClient, 'send'>
  readonly commands: KmsCommands
}

/** KMS refuses longer RAW messages (API reference, Sign: Message, 4,096 bytes). */
const rawLimit = 4096

/**
 * Keys in AWS KMS; private keys never leave it. One call per signature: RSA and ECDSA send the digest (MessageType DIGEST), so a
 * message of any size works; ML-DSA sends the message while it is at most 4,096 bytes and its external µ above, Ed25519 always the message.
 * `providerRef` is the key's ARN, so that an old version stays reachable whatever happens to aliases.
 */
export function createKmsKeyProvider({ client, commands }: KmsKeyProviderOptions): KeyProvider {
  const guarded = async <T>(operation: string, signal: AbortSignal | undefined, send: () => Promise<T>): Promise<T> => {
    throwIfAborted(signal)
    try {
      return await send()
    } catch (error) {
      if (signal?.aborted) throw abortError(signal)
      throw kmsError(operation, error)
    }
  }
  const options = (signal: AbortSignal | undefined) => defined({ abortSignal: signal })

  const publicKey: KeyProvider['publicKey'] = async (providerRef, { signal } = {}) => {
    const command = new commands.GetPublicKeyCommand({ KeyId: providerRef })
    const answer = await guarded('GetPublicKey', signal, () => client.send(command, options(signal)))
    return required('GetPublicKey', answer.PublicKey)
  }

  return {
    publicKey,

    async create(keySpec, { signal } = {}) {
      const { CreateKeyCommand: Command } = commands
      if (Command === undefined)
        throw new MmfError('key_service_refused', { detail: `keys are made by the deployment, ${keySpec} is missing` })
      const command = new Command({ KeySpec: keySpec, KeyUsage: 'SIGN_VERIFY' })
      const answer = await guarded('CreateKey', signal, () => client.send(command, options(signal)))
      const providerRef = required('CreateKey', answer.KeyMetadata?.Arn)
      return { providerRef, publicKey: await publicKey(providerRef, { signal }) }
    },

    async sign(request) {
      checkSignable(request.algorithm, request)
      const command = new commands.SignCommand({
        KeyId: request.providerRef,
        SigningAlgorithm: signingAlgorithm(request.algorithm).kms as SigningAlgorithmSpec,
        ...whatToSign(request),
      })
      const { signal } = request
      const answer = await guarded('Sign', signal, () => client.send(command, options(signal)))
      return required('Sign', answer.Signature)
    },

    async health(providerRefs, { signal } = {}) {
      const checks = providerRefs.map(async (ref): Promise<string | undefined> => {
        const command = new commands.DescribeKeyCommand({ KeyId: ref })
        const answer = await guarded('DescribeKey', signal, () => client.send(command, options(signal)))
        const { KeyState: state, KeyUsage: usage } = answer.KeyMetadata ?? {}
        return state === 'Enabled' && usage === 'SIGN_VERIFY' ? undefined : `a key is ${state} for ${usage}`
      })
      return combine(await Promise.allSettled(checks))
    },
  }
}

function whatToSign(request: SignRequest): { Message: Uint8Array; MessageType: MessageType } {
  if ('digest' in request) return { Message: request.digest, MessageType: 'DIGEST' }
  const { algorithm, message } = request
  if (signingAlgorithm(algorithm).hash !== undefined)
    return { Message: digestOf(algorithm, message), MessageType: 'DIGEST' }
  // KMS refuses DIGEST with ML-DSA, and an empty Message. Ed25519 has no other form; what is too long for it was refused before.
  if (signingAlgorithm(algorithm).scheme === 'ed25519' || (message.length > 0 && message.length <= rawLimit))
    return { Message: message, MessageType: 'RAW' }
  const raw = publicKeyBits(request.publicKey)
  if (raw === undefined)
    throw new MmfError('internal_error', { detail: 'the public key handed to sign is no SubjectPublicKeyInfo' })
  return { Message: externalMu(raw, message), MessageType: 'EXTERNAL_MU' }
}

function required<T>(operation: string, value: T | undefined): T {
  if (value === undefined) throw new MmfError('key_service_unavailable', { detail: `KMS ${operation}: empty answer` })
  return value
}

function combine(results: readonly PromiseSettledResult<string | undefined>[]): HealthResult {
  for (const result of results) {
    if (result.status === 'rejected')
      return { status: 'unhealthy', reason: isMmfError(result.reason) ? result.reason.message : 'the check failed' }
    if (result.value !== undefined) return { status: 'unhealthy', reason: result.value }
  }
  return { status: 'healthy' }
}
