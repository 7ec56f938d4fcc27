export { bearerToken, challenge, MAX_TOKEN_BYTES, REALM, tokenError } from './bearer-token.ts'
export {
  type CertifiedEvent,
  type ClientCertificate,
  clientCertificate,
  requireClientCertificate,
} from './client-certificate.ts'
export { createJwksCache, type JwksCacheOptions, type JwksFetch } from './jwks-cache.ts'
export { isJwsAlgorithm, type JwsAlgorithm, jwsAlgorithms } from './jws-algorithms.ts'
export { createStaticKeySource, type KeySource } from './key-source.ts'
export { createTokenVerifier, type TokenVerifier, type TokenVerifierOptions } from './token-verifier.ts'
export { verifyJws } from './verify-jws.ts'
