import { createHash } from 'node:crypto'

/**
 * µ = SHAKE256(SHAKE256(pk, 64) ‖ 0 ‖ 0 ‖ M, 64): the message representative of pure ML-DSA with an empty context (FIPS 204
 * §5.2, §6.2 algorithm 7 line 6). A signature over it verifies as one over the message, whatever the size of the message.
 *
 * @param publicKey the raw key (FIPS 204 pkEncode), not SubjectPublicKeyInfo
 */
export function externalMu(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  const tr = shake256().update(publicKey).digest()
  return shake256().update(tr).update(Uint8Array.of(0, 0)).update(message).digest()
}

function shake256() {
  return createHash('shake256', { outputLength: 64 })
}
