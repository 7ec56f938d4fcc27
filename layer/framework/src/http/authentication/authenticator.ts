import type { Principal } from '../../contract/call.ts'
import type { HttpEvent } from '../lambda-types.ts'

/** What can say who sends a request over HTTP. */
export type CredentialKind = 'token' | 'api_key' | 'client_certificate' | 'iam'

/** What of a request is looked at for credentials: headers, and what the gateway alone can write. */
export type CredentialRequest = Pick<HttpEvent, 'headers' | 'requestContext'>

/** A principal, and what proved it. */
export interface Authenticated {
  readonly principal: Principal
  /** The other credentials of the request to which this one is bound, such as the certificate that a token names (RFC 8705 §3). Default none. */
  readonly boundTo?: readonly CredentialKind[] | undefined
}

/** A credential that a request shows, not verified yet. */
export interface Credential {
  readonly kind: CredentialKind
  /** @throws {MmfError} whatever refuses the credential; nothing else */
  verify(options: { readonly signal: AbortSignal }): Promise<Authenticated>
}

/** Reads one kind of credential. A kind without an authenticator counts for nothing. */
export interface Authenticator {
  readonly kind: CredentialKind
  /**
   * The credential of this kind in the request, `undefined` where it shows none. It looks at the form alone; nothing is asked.
   * @throws {MmfError} for one that is there and cannot be one
   */
  find(request: CredentialRequest): Credential | undefined
}
