import type { Principal } from '../../contract/call.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import { authenticateRequest } from './authenticate-request.ts'
import type { Authenticator, CredentialRequest } from './authenticator.ts'
import { challenge } from './bearer-token.ts'

/**
 * As {@link authenticateRequest}, for what is not open to anonymous callers.
 * @throws {MmfError} `authentication_required` for a request without a credential
 */
export async function requirePrincipal(
  authenticators: readonly Authenticator[],
  request: CredentialRequest,
  options: { readonly signal: AbortSignal },
): Promise<Principal> {
  const principal = await authenticateRequest(authenticators, request, options)
  if (principal !== undefined) return principal
  throw new MmfError('authentication_required', { headers: challenge('authentication_required') })
}
