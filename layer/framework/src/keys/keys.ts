import type { SignatureFormat } from './signature-format.ts'
import type { SigningAlgorithmName } from './signing-algorithms.ts'

/** A key as data: one logical signing key. It has one physical key per key spec that its algorithms need, each with versions. */
export interface KeyDefinition<Name extends string = string> {
  readonly name: Name
  readonly purpose: 'sign'
  readonly description?: string
  /** The configuration does not choose among the algorithms: the key has all of them everywhere. */
  readonly fixed?: true
  /** Algorithms this key may ever be asked for; CDK makes one KMS key per key spec among them that the configuration allows. */
  readonly algorithms: readonly SigningAlgorithmName[]
}

export function defineKey<const Name extends string>(definition: KeyDefinition<Name>): KeyDefinition<Name> {
  return definition
}

/** `active` signs and verifies; `retired` verifies for ever; `revoked` makes verification say so. */
export type KeyState = 'active' | 'retired' | 'revoked'

/** A row of the key catalogue: everything needed to verify, without asking the key service. */
export interface KeyVersion {
  /** `<key name>-<key spec>`, e.g. `document_signer-rsa-3072`. */
  readonly keyId: string
  /** 1, 2, 3 … */
  readonly version: number
  readonly state: KeyState
  readonly keySpec: string
  /** DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). */
  readonly publicKey: Uint8Array
  readonly createdAt: string
}

/** What is signed: the message itself, or its digest under the algorithm's own hash. */
export type Signable = { readonly message: Uint8Array } | { readonly digest: Uint8Array }

/** A finished signature. ECDSA signatures are DER (RFC 3279 §2.2.3) unless another form was asked for. */
export interface SignatureValue {
  readonly signature: Uint8Array
  readonly keyId: string
  readonly keyVersion: number
}

/** What an operation may do with keys. `Signing` are the names of the keys that its service declared with `signs`. */
export interface Keys<Signing extends string = string> {
  /**
   * Signs with the active version of the key. One call of the key service.
   * @throws {MmfError} `key_service_unavailable`, `key_service_refused`, `digest_not_supported`, `digest_length_invalid`;
   * `signature_format_not_supported` when a form is named for an algorithm other than ECDSA
   */
  sign(
    key: Signing,
    algorithm: SigningAlgorithmName,
    input: Signable,
    options?: { signal?: AbortSignal | undefined; signatureFormat?: SignatureFormat | undefined },
  ): Promise<SignatureValue>
  /**
   * Verifies with the cached public key; never calls the key service.
   * @throws {MmfError} `key_not_found` when the catalogue has no such version; `digest_not_supported`, `digest_length_invalid`;
   * `signature_format_not_supported` when a form is named for an algorithm other than ECDSA
   */
  verify(
    reference: { keyId: string; keyVersion: number },
    algorithm: SigningAlgorithmName,
    input: Signable,
    signature: Uint8Array,
    options?: { signal?: AbortSignal | undefined; signatureFormat?: SignatureFormat | undefined },
  ): Promise<{ valid: boolean; reason?: string }>
  /** @throws {MmfError} `key_not_found` */
  version(keyId: string, version: number, options?: { signal?: AbortSignal | undefined }): Promise<KeyVersion>
  /** Every version of every declared key, oldest first. */
  versions(options?: { signal?: AbortSignal | undefined }): Promise<readonly KeyVersion[]>
}
