import type { Authenticator } from './authenticator.ts'
import { bearerToken } from './bearer-token.ts'
import { signedByAws } from './iam-authenticator.ts'
import type { TokenVerifier } from './token-verifier.ts'

/** Of Signature Version 4 and 4A; API Gateway has read it. */
const awsScheme = /^AWS4-/

/** Bearer tokens in the header `Authorization` (RFC 6750 §2.1). */
export function tokenAuthenticator(verifier: TokenVerifier): Authenticator {
  return {
    kind: 'token',
    find(request) {
      const header = request.headers['authorization']
      if (header === undefined || (signedByAws(request) && awsScheme.test(header))) return undefined
      const token = bearerToken(header)
      return { kind: 'token', verify: async ({ signal }) => ({ principal: await verifier.verify(token, { signal }) }) }
    },
  }
}
