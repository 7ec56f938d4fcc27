import type { DerElement } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import { type BitString, readBitString } from '../der/values.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { knownKeyInfo } from '../signature/key-cache.ts'
import { type PublicKeyInfo, readPublicKey } from '../signature/public-key.ts'
import type { AlgorithmIdentifier, KeyCache } from '../signature/types.ts'
import { readAlgorithmIdentifier } from './algorithm-identifier.ts'
import { readUsualEcKey, usualEcForm } from './usual-ec-key.ts'
import { readUsualRsaKey } from './usual-rsa-key.ts'

/** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), decoded when first asked for. */
export class SubjectPublicKeyInfo {
  readonly #element: DerElement
  #raw: Uint8Array | undefined
  #info: PublicKeyInfo | undefined
  #usual = false
  #parts: { readonly algorithm: AlgorithmIdentifier; readonly publicKey: BitString } | undefined

  constructor(element: DerElement) {
    this.#element = element
  }

  /** The encoded structure, a view. */
  get raw(): Uint8Array {
    this.#raw ??= this.#element.raw
    return this.#raw
  }

  /** @throws der_malformed */
  get algorithm(): AlgorithmIdentifier {
    return this.#read().algorithm
  }

  /** @throws der_malformed */
  get publicKey(): BitString {
    return this.#read().publicKey
  }

  /**
   * Type, size and curve of the key, read without importing it.
   * @throws key_malformed; algorithm_unavailable for a curve or hash outside the tables
   */
  get info(): PublicKeyInfo {
    this.#info ??= this.#readInfo()
    return this.#info
  }

  /**
   * Whether the key is written in the one usual shape of RSA's or an EC key: with NULL, or with the name of its curve. Most are, and nothing
   * more needs to be asked of their parameters.
   * @throws as {@link info}
   */
  get isUsual(): boolean {
    void this.info
    return this.#usual
  }

  /**
   * Takes {@link info} from a cache of imported keys, where it holds one of the same octets, so that the arithmetic on an issuer's point is done
   * once and not in every validation. Keys of other kinds are read faster than looked up.
   */
  recall(cache: KeyCache): void {
    if (this.#info !== undefined || cache.entries.size === 0 || usualEcForm(this.raw) === undefined) return
    this.#info = knownKeyInfo(this.raw, cache)
    this.#usual = this.#info !== undefined
  }

  #readInfo(): PublicKeyInfo {
    try {
      const usual = readUsualEcKey(this.raw) ?? readUsualRsaKey(this.raw)
      this.#usual = usual !== undefined
      return usual ?? readPublicKey(this.raw)
    } catch (cause) {
      if (!isPkiError(cause, 'der_malformed')) throw cause
      throw new PkiError('key_malformed', cause.message, cause.details, { cause })
    }
  }

  #read(): { readonly algorithm: AlgorithmIdentifier; readonly publicKey: BitString } {
    if (this.#parts === undefined) {
      const reader = this.#element.children()
      const algorithm = readAlgorithmIdentifier(reader.next(tags.SEQUENCE))
      const publicKey = readBitString(reader.next(tags.BIT_STRING))
      reader.finish()
      this.#parts = { algorithm, publicKey }
    }
    return this.#parts
  }
}
