import { optionFields } from '../options/option-fields.ts'
/** An AlgorithmIdentifier as found (RFC 5280 §4.1.1.2). Views on the original bytes. */
export interface AlgorithmIdentifier {
  readonly oid: string
  /** The parameters with tag and length as they stand in the certificate; absent where there are none. */
  readonly parameters?: Uint8Array
}

/** Named, opt-in departures from a standard that real issuers force. Each is off unless a profile and the caller allow it. */
export interface SignatureCompatibility {
  /** Accept a PKCS#1 v1.5 DigestInfo without the NULL parameters (ICAO's own master list is signed that way). Default false. */
  readonly digestInfoWithoutNull?: boolean
  /** Accept EC keys with explicit parameters that equal an allow-listed curve (Doc 9303-12 §4.1.6.3). Default false. */
  readonly explicitCurves?: boolean
}

export interface SignatureRequest {
  readonly algorithm: AlgorithmIdentifier
  /** DER SubjectPublicKeyInfo, already completed with inherited DSA parameters. */
  readonly spki: Uint8Array
  /** The signed octets. */
  readonly data: Uint8Array
  readonly signature: Uint8Array
  readonly policy?: SignatureCompatibility
  /** Holds imported keys between calls; see KeyCache. */
  readonly keyCache?: KeyCache
}

/**
 * `unavailable` is the runtime's lack of an algorithm and never a statement about the signature; `malformed` is a key, parameters
 * or signature that cannot be read. Only `valid` lets a path go on.
 */
export type SignatureResult =
  | { readonly status: 'valid' }
  | { readonly status: 'invalid' }
  | { readonly status: 'unavailable'; readonly reason: string }
  | { readonly status: 'malformed'; readonly reason: string }

/** Imported public keys by their SubjectPublicKeyInfo. Bounded; create one per trust decision or share one per process. */
export interface KeyCache {
  /** Opaque to everyone but signature/verify.ts. */
  readonly entries: Map<string, unknown>
  /** Greatest number of entries; the oldest leave first. */
  readonly maxEntries: number
}

export const signatureRequestFields = optionFields<SignatureRequest>({
  algorithm: 1,
  spki: 1,
  data: 1,
  signature: 1,
  policy: 1,
  keyCache: 1,
})

export const algorithmIdentifierFields = optionFields<AlgorithmIdentifier>({ oid: 1, parameters: 1 })

export const signatureCompatibilityFields = optionFields<SignatureCompatibility>({
  digestInfoWithoutNull: 1,
  explicitCurves: 1,
})
