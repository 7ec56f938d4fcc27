/** What a claim holds: a list of texts, one text, or one text with words between spaces (RFC 8693 §4.2). */
export type ClaimForm = 'list' | 'text' | 'words' | 'list-or-text' | 'list-or-words'

/** Where something stands in the claims of a token. */
export interface ClaimSource {
  /** Names of members from the outside in. A name is taken whole: dots and slashes in it mean nothing. */
  readonly path: readonly string[]
  readonly form: ClaimForm
}

/** One of the claims must be there as a text, and be one of `values` where these are given. */
export interface ClaimDemand {
  readonly anyOf: readonly string[]
  readonly values?: readonly string[]
}

/** How the tokens of one kind of issuer are read. */
export interface IssuerPreset {
  readonly subject: readonly string[]
  /** At least one of these is in the token, and each that is names an accepted audience. */
  readonly audience: readonly ClaimSource[]
  readonly roles: readonly ClaimSource[]
  readonly permissions: readonly ClaimSource[]
  /** What distinguishes an access token from the other tokens that the same key signs. */
  readonly demands: readonly ClaimDemand[]
  /** Claims whose value must be a segment of the path of `iss`. */
  readonly inIssuer: readonly string[]
}

/** Stands in a path for each accepted audience. */
export const audienceStep = '{audience}'

const list = (...path: string[]): ClaimSource => ({ path, form: 'list' })
const words = (...path: string[]): ClaimSource => ({ path, form: 'words' })
const text = (...path: string[]): ClaimSource => ({ path, form: 'text' })

/** RFC 7519 §4.1: `aud` is one text or a list of them. */
const aud: ClaimSource = { path: ['aud'], form: 'list-or-text' }

const standard: IssuerPreset = {
  subject: ['sub'],
  audience: [aud],
  roles: [list('roles')],
  permissions: [list('permissions'), words('scope')],
  demands: [],
  inIssuer: [],
}

/** THE table of issuers whose tokens differ from RFC 9068 in where things stand. `docs/logins.md` has a section for each. */
export const issuerPresets = {
  standard,
  // An access token has no `aud` unless it is bound to a resource (RFC 8707); `token_use` distinguishes it from an ID token.
  cognito: {
    ...standard,
    audience: [text('client_id'), aud],
    roles: [list('cognito:groups')],
    permissions: [words('scope')],
    demands: [{ anyOf: ['token_use'], values: ['access'] }],
  },
  // `typ` among the claims distinguishes an access token from an ID token, a refresh token and one that is bound to a key (RFC 9449).
  keycloak: {
    ...standard,
    roles: [list('realm_access', 'roles'), list('resource_access', audienceStep, 'roles')],
    permissions: [words('scope')],
    demands: [{ anyOf: ['typ'], values: ['Bearer'] }],
  },
  // Only access tokens name the client that asked for them: `azp` in version 2.0, `appid` in 1.0.
  entra: {
    ...standard,
    permissions: [words('scp')],
    demands: [{ anyOf: ['azp', 'appid'] }],
    inIssuer: ['tid'],
  },
  // Roles stand under a name that the tenant chooses, an address; `claims.roles` says which.
  auth0: { ...standard, roles: [] },
  // Only access tokens name the client in `cid`.
  okta: {
    ...standard,
    roles: [list('groups')],
    permissions: [list('scp')],
    demands: [{ anyOf: ['cid'] }],
  },
} as const satisfies Record<string, IssuerPreset>

export type IssuerPresetName = keyof typeof issuerPresets

export const issuerPresetNames = Object.keys(issuerPresets) as readonly IssuerPresetName[]
