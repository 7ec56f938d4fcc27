import { catalogue, type ErrorCode } from '../../errors/catalogue.ts'
import { MmfError } from '../../errors/mmf-error.ts'

/** The protection space named in every challenge (RFC 9110 §11.5). */
const defaultRealm = 'marty'

/** Bytes of the longest token that is looked at. */
export const maxTokenBytes = 8192

// b64token of RFC 6750 §2.1.
const b64token = /^[A-Za-z0-9\-._~+/]+=*$/

/**
 * The token of an `Authorization: Bearer` header (RFC 6750 §2.1). Tokens in the query or the body (§2.2, §2.3) are never looked for:
 * they end up in logs and histories.
 *
 * @param header the value of the header; several headers arrive joined by a comma, which no bearer token contains
 * @throws {MmfError} `authentication_required` when the header is absent or of another scheme, `token_malformed` when what follows
 *   `Bearer` is not one token or longer than 8 KB. Both carry `www-authenticate`.
 */
export function bearerToken(header: string | undefined): string {
  const [, scheme, rest = ''] = /^([^ ]+)(?: +(.*))?$/s.exec(header ?? '') ?? []
  if (scheme?.toLowerCase() !== 'bearer') {
    const headers = challenge('authentication_required')
    throw new MmfError('authentication_required', { headers })
  }
  if (rest.length > maxTokenBytes) throw tokenError('token_malformed', `longer than ${maxTokenBytes} bytes`)
  if (!b64token.test(rest)) throw tokenError('token_malformed', 'one token is expected after "Bearer"')
  return rest
}

/**
 * The `www-authenticate` header of a 401 (RFC 6750 §3). A request without credentials gets no error code (§3.1); the description is
 * the fixed title of the code, so no input is echoed.
 */
export function challenge(code: ErrorCode): Readonly<Record<string, string>> {
  const realm = `Bearer realm="${defaultRealm}"`
  const isAboutToken = code.startsWith('token_')
  const { title } = catalogue[code]
  return { 'www-authenticate': isAboutToken ? `${realm}, error="invalid_token", error_description="${title}"` : realm }
}

/** An error about a token, with its challenge. */
export function tokenError(code: TokenErrorCode, detail?: string, members: Record<string, unknown> = {}): MmfError {
  return new MmfError(code, { detail, members, headers: challenge(code) })
}

/** The codes of a refused token: all are 401. */
export type TokenErrorCode = Exclude<Extract<ErrorCode, `token_${string}`>, 'token_issuer_unavailable'>
