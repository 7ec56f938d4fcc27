import type { Principal } from '../../contract/call.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Authenticator, Credential, CredentialRequest } from './authenticator.ts'

/**
 * Who sends a request: the principal of its one credential, `undefined` where it shows none.
 *
 * Two credentials would be two answers, so a request with two is refused (RFC 6750 §2 says so of tokens), unless one of them is bound to all
 * others: then they prove one principal together (RFC 8705 §3).
 * @throws {MmfError} `credentials_conflict`; what refuses the credential
 */
export async function authenticateRequest(
  authenticators: readonly Authenticator[],
  request: CredentialRequest,
  { signal }: { readonly signal: AbortSignal },
): Promise<Principal | undefined> {
  const found = authenticators.flatMap(authenticator => authenticator.find(request) ?? [])
  const [first] = found
  if (first === undefined) return undefined
  if (found.length === 1) return (await first.verify({ signal })).principal
  // Tokens alone can name what they are bound to.
  const token = found.find(({ kind }) => kind === 'token')
  if (token === undefined) throw conflict(found)
  const { principal, boundTo = [] } = await token.verify({ signal })
  if (found.some(other => other !== token && !boundTo.includes(other.kind))) throw conflict(found)
  return principal
}

function conflict(found: readonly Credential[]): MmfError {
  const kinds = found.map(({ kind }) => kind)
  return new MmfError('credentials_conflict', { detail: `the request shows ${kinds.join(' and ')}; show one` })
}
