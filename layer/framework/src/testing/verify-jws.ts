import type { JsonWebKey } from 'node:crypto'
import { parseCompactJws, signatureVerifies } from '../http/authentication/compact-jws.ts'
import { isJwsAlgorithm, type JwsAlgorithm, jwsAlgorithm } from '../http/authentication/jws-algorithms.ts'
import { hasTypeOf, verificationKey } from '../http/authentication/verification-key.ts'

/**
 * Whether `jws` (compact serialization) is signed by the key in `jwk`. The same parsing, key rules and cryptography as the token
 * verifier, without claims. Asymmetric signatures only: with a symmetric key (`kty: oct`) the answer is `false`.
 *
 * A JWK that names an algorithm verifies that one, or one of the same family with a longer hash: neither another family nor a weaker
 * hash can be slipped in. Tokens are held to the exact algorithm (RFC 8725 §3.1) by the token verifier.
 *
 * Guarantee: never throws; anything that is not a proven signature is `false`.
 */
export async function verifyJws(jws: string, jwk: JsonWebKey): Promise<boolean> {
  if (typeof jws !== 'string') return false
  const parsed = parseCompactJws(jws)
  if (typeof parsed === 'string') return false
  const { alg } = parsed.header
  if (!isJwsAlgorithm(alg)) return false
  const key = verificationKey(jwk)
  if (key === undefined || !hasTypeOf(key, alg)) return false
  if (key.algorithm !== undefined && !isNoDowngrade(key.algorithm, alg)) return false
  return signatureVerifies(parsed, key)
}

function isNoDowngrade(named: JwsAlgorithm, used: JwsAlgorithm): boolean {
  const [intended, actual] = [jwsAlgorithm(named), jwsAlgorithm(used)]
  return intended.family === actual.family && actual.hashBits >= intended.hashBits
}
