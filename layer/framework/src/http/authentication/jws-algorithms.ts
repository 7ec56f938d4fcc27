/**
 * THE table of signature algorithms that a token may use (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). `none` and the HMAC
 * algorithms are not in it: a token is never verified with a shared secret, so no configuration can allow one.
 */
const jwsAlgorithms = {
  RS256: { kty: 'RSA', family: 'RS', hashBits: 256 },
  RS384: { kty: 'RSA', family: 'RS', hashBits: 384 },
  RS512: { kty: 'RSA', family: 'RS', hashBits: 512 },
  PS256: { kty: 'RSA', family: 'PS', hashBits: 256 },
  PS384: { kty: 'RSA', family: 'PS', hashBits: 384 },
  PS512: { kty: 'RSA', family: 'PS', hashBits: 512 },
  ES256: { kty: 'EC', crv: 'P-256', family: 'ES', hashBits: 256 },
  ES384: { kty: 'EC', crv: 'P-384', family: 'ES', hashBits: 384 },
  ES512: { kty: 'EC', crv: 'P-521', family: 'ES', hashBits: 512 },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', family: 'Ed', hashBits: 512 },
  Ed25519: { kty: 'OKP', crv: 'Ed25519', family: 'Ed', hashBits: 512 },
} as const satisfies Record<string, JwsAlgorithmRow>

export interface JwsAlgorithmRow {
  readonly kty: 'RSA' | 'EC' | 'OKP'
  /** The one curve of the algorithm (RFC 7518 §3.4, RFC 8037 §2). */
  readonly crv?: string
  readonly family: 'RS' | 'PS' | 'ES' | 'Ed'
  readonly hashBits: number
}

export type JwsAlgorithm = keyof typeof jwsAlgorithms

/** Whether `name` is an algorithm of the table. */
export function isJwsAlgorithm(name: unknown): name is JwsAlgorithm {
  return typeof name === 'string' && Object.hasOwn(jwsAlgorithms, name)
}

/** The row of a name. */
export function jwsAlgorithm(name: JwsAlgorithm): JwsAlgorithmRow {
  return jwsAlgorithms[name]
}
