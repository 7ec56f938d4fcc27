import { type Claims, valueAt, wrong } from './claim-values.ts'

/** The one confirmation method that is looked at (RFC 8705 §3.1). */
const thumbprintMember = 'x5t#S256'

/** What a client certificate is recognised by in a token: SHA-256 of its DER, base64url (RFC 8705 §3.1); `undefined` without a certificate. */
export type PresentedThumbprint = () => string | undefined

/**
 * A token that says what it is bound to (`cnf`, RFC 7800 §3.1) is no bearer token: it counts only on a connection with the certificate that it
 * names (RFC 8705 §3). One bound to something that is not looked at here, such as a DPoP key, is refused: as a bearer token it would serve a thief.
 *
 * @param presented asked for bound tokens alone
 * @throws {MmfError} `token_claim_invalid`, 401 with `invalid_token` as RFC 8705 §3 has it; what `presented` throws
 */
export function checkBinding(claims: Claims, presented: PresentedThumbprint): void {
  const confirmation = valueAt(claims, ['cnf'])
  if (confirmation === undefined) return
  const path = ['cnf', thumbprintMember]
  const expected = valueAt(claims, path)
  if (typeof expected !== 'string') throw wrong(path, 'a token bound to a client certificate names its SHA-256 here')
  if (Object.keys(Object(confirmation)).length > 1) {
    throw wrong(['cnf'], `the token is bound to more than ${thumbprintMember}, which is not checked here`)
  }
  const thumbprint = presented()
  if (thumbprint === undefined)
    throw wrong(path, 'the token is bound to a client certificate, and the connection has none')
  if (thumbprint !== expected) throw wrong(path, 'the token is bound to another client certificate')
}
