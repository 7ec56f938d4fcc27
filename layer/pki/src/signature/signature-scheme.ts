import type { HashName } from './hash-algorithms.ts'

/** How a signature value of ECDSA or DSA is written: a DER SEQUENCE (RFC 3279 §2.2) or r and s side by side (IEEE P1363, TR-03111). */
export type SignatureEncoding = 'der' | 'p1363'

export interface PssParameters {
  readonly hash: HashName
  /** Hash of the mask generation function MGF1. */
  readonly mgfHash: HashName
  /** Bytes. */
  readonly saltLength: number
}

/** Key types whose signatures hash inside the algorithm. The names are the runtime's. */
export type PureKeyType =
  | 'ed25519'
  | 'ed448'
  | 'ml-dsa-44'
  | 'ml-dsa-65'
  | 'ml-dsa-87'
  | `slh-dsa-${'sha2' | 'shake'}-${'128' | '192' | '256'}${'s' | 'f'}`

/** A signature algorithm with everything that verification needs besides key, data and signature. */
export type SignatureScheme =
  | { readonly kind: 'rsa-pkcs1'; readonly hash: HashName }
  | ({ readonly kind: 'rsa-pss' } & PssParameters)
  | { readonly kind: 'ecdsa'; readonly hash: HashName; readonly encoding: SignatureEncoding }
  | { readonly kind: 'dsa'; readonly hash: HashName; readonly encoding: SignatureEncoding }
  | { readonly kind: 'pure'; readonly keyType: PureKeyType; readonly context?: Uint8Array }

/** Key types by scheme. RFC 4055 §1.2: an id-RSASSA-PSS key is for RSASSA-PSS alone. */
export function schemeAcceptsKeyType(scheme: SignatureScheme, keyType: string): boolean {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
      return keyType === 'rsa'
    case 'rsa-pss':
      return keyType === 'rsa' || keyType === 'rsa-pss'
    case 'ecdsa':
      return keyType === 'ec'
    case 'dsa':
      return keyType === 'dsa'
    case 'pure':
      return keyType === scheme.keyType
  }
}

/** The hash the signer applied to the message, for policies; undefined where the algorithm hashes inside. */
export function schemeHash(scheme: SignatureScheme): HashName | undefined {
  return scheme.kind === 'pure' ? undefined : scheme.hash
}
