import { randomBytes } from 'node:crypto'
import type { AllowedKey } from '../derive/declared.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { Keys } from '../keys/keys.ts'
import { type SigningAlgorithmName, signingAlgorithm } from '../keys/signing-algorithms.ts'

/**
 * What a canary begins with, so that it is no document. TLS 1.3 separates what it signs in the same way (RFC 8446 §4.4.3): 64 octets of one value, a text, a zero
 * octet. An octet 0xFF is in no UTF-8 text (RFC 3629 §3), no CBOR item begins with it (RFC 8949 §3.2.1), and a JWS is signed as ASCII (RFC 7515 §5.1).
 */
const canaryPrefix = Buffer.concat([
  Buffer.alloc(64, 0xff),
  Buffer.from('MMF readiness canary: no document\0', 'ascii'),
])

/** A message that was never signed before, so that no remembered signature passes for a fresh one. */
const canaryMessage = (): Uint8Array => Buffer.concat([canaryPrefix, randomBytes(32)])

/**
 * Signs with each physical key, and verifies with its public key from the catalogue. The signature goes nowhere: it is not returned, stored or logged.
 * @throws {MmfError} what signing and verifying throw; `key_service_refused` for a signature that does not verify
 */
export async function checkSigning(
  keys: Pick<Keys, 'sign' | 'verify'>,
  allowed: readonly AllowedKey[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(allowed.flatMap(({ key, algorithms }) => perKeySpec(algorithms).map(name => once(key.name, name))))

  async function once(key: string, algorithm: SigningAlgorithmName): Promise<void> {
    const input = { message: canaryMessage() }
    const { signature, keyId, keyVersion } = await keys.sign(key, algorithm, input, { signal })
    const { valid, reason } = await keys.verify({ keyId, keyVersion }, algorithm, input, signature, { signal })
    if (valid) return
    throw new MmfError('key_service_refused', {
      detail: `${keyId}: the canary does not verify: ${reason ?? 'no reason'}`,
    })
  }
}

/** One algorithm for each physical key: the others would cost a call of the key service and say nothing more. */
function perKeySpec(algorithms: readonly SigningAlgorithmName[]): readonly SigningAlgorithmName[] {
  return [...new Map(algorithms.toReversed().map(name => [signingAlgorithm(name).keySpec, name])).values()]
}
