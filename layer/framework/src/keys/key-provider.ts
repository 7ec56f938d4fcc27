import type { HealthResult } from '../health/health.ts'
import type { Signable } from './keys.ts'
import type { KeySpec, SigningAlgorithmName } from './signing-algorithms.ts'

/** A physical key, as its provider names it. */
export interface ProviderKey {
  /** An ARN, or the fingerprint of the embedded provider. Opaque to everyone else; never shown to clients. */
  readonly providerRef: string
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
}

export type SignRequest = Signable & {
  readonly providerRef: string
  readonly algorithm: SigningAlgorithmName
  /** DER SubjectPublicKeyInfo from the key catalogue: ML-DSA's external µ is made from it, and no call is spent to learn it. */
  readonly publicKey: Uint8Array
  readonly signal?: AbortSignal | undefined
}

/**
 * Where private keys live. It knows neither names nor versions nor states (that is the catalogue's part), and never verifies.
 *
 * All methods @throws {MmfError} `key_service_unavailable` (retryable, with `retry-after`), `key_service_refused` (it answered no:
 * unknown or disabled key, no permission, wrong algorithm for the key), `deadline_exceeded` or the signal's own reason when aborted.
 */
export interface KeyProvider {
  /** Makes a key pair. A key that is not registered in the catalogue is never used. */
  create(keySpec: KeySpec, options?: { signal?: AbortSignal | undefined }): Promise<ProviderKey>
  /**
   * Signs with exactly one call of the key service. ECDSA signatures are DER; the PSS salt is as long as the digest.
   * @throws {MmfError} also `digest_not_supported`, `digest_length_invalid`
   */
  sign(request: SignRequest): Promise<Uint8Array>
  /** DER SubjectPublicKeyInfo of a key. */
  publicKey(providerRef: string, options?: { signal?: AbortSignal | undefined }): Promise<Uint8Array>
  /** Whether these keys could sign now: a real check of each. Never throws. */
  health(providerRefs: readonly string[], options?: { signal?: AbortSignal | undefined }): Promise<HealthResult>
}
