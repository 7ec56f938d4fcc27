// Access and ID tokens as the issuers of docs/logins.md make them: every claim of their documentation, with made-up values.

/** The claims of one token, but for its times. */
export type TokenShape = Readonly<Record<string, unknown>>

const pool = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_EXAMPLE'
export const tenant = '11111111-2222-3333-4444-555555555555'
const application = '66666666-7777-8888-9999-000000000000'
const person = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'

export interface Login {
  /** The header, but for `alg` and `kid`: not every issuer writes `typ`. */
  readonly header: object
  /** An access token of a person in the group of the page, and one of a program, where those differ. */
  readonly access: TokenShape
  readonly machine?: TokenShape
  /** Another token that the same key signs for the same client. */
  readonly id: TokenShape
  /** The claim that refuses `id`. */
  readonly refusedBy: string
  /** Puts other roles or groups into `access`. */
  readonly withRoles: (roles: unknown) => TokenShape
}

const cognito: TokenShape = {
  sub: person,
  'cognito:groups': ['document-signers', 'eu-central-1_EXAMPLE_Google'],
  iss: pool,
  version: 2,
  client_id: '1example23456789',
  origin_jti: '5b9f50a3-05da-454a-8b99-b79c2349de77',
  event_id: '4f2a8c1e-0000-4000-8000-000000000000',
  token_use: 'access',
  scope: 'aws.cognito.signin.user.admin openid',
  jti: '0d6f3b06-7b1f-4e3a-9a8e-000000000000',
  username: 'alice',
}

const keycloak: TokenShape = {
  jti: 'onrtac:27f0a6f3-0000-4000-8000-000000000000',
  iss: 'https://sso.example.com/realms/staff',
  aud: ['marty', 'account'],
  sub: person,
  typ: 'Bearer',
  azp: 'frontend',
  sid: 'c4d8b9b2-0000-4000-8000-000000000000',
  acr: '1',
  'allowed-origins': ['https://app.example.com'],
  realm_access: { roles: ['offline_access', 'uma_authorization', 'default-roles-staff'] },
  resource_access: { marty: { roles: ['document-signer'] }, account: { roles: ['manage-account', 'view-profile'] } },
  scope: 'openid marty:sign email profile',
  email_verified: true,
  preferred_username: 'alice',
}

const entra: TokenShape = {
  aud: application,
  iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
  aio: 'ATQAy/8TAAAA',
  azp: '99999999-0000-4000-8000-000000000000',
  azpacr: '0',
  name: 'Alice',
  oid: person,
  preferred_username: 'alice@example.com',
  rh: '0.AAAA',
  roles: ['Documents.Sign', 'Documents.Dream'],
  scp: 'Documents.Sign User.Read',
  sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
  tid: tenant,
  uti: 'aaaaaaaaaaaaaaaaaaaa',
  ver: '2.0',
}

const auth0: TokenShape = {
  'https://marty.example.com/roles': ['Document Signer'],
  iss: 'https://example.eu.auth0.com/',
  sub: 'auth0|507f1f77bcf86cd799439020',
  aud: ['https://marty.example.com', 'https://example.eu.auth0.com/userinfo'],
  azp: 'my_client_id',
  scope: 'openid profile',
  permissions: ['sign:documents', 'read:dreams'],
}

const okta: TokenShape = {
  ver: 1,
  jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
  iss: 'https://example.okta.com/oauth2/default',
  aud: 'api://default',
  cid: 'nmdP1fcyvdVO11AL7ECm',
  uid: '00ulthapbErVUwVJy4x6',
  scp: ['openid', 'sign_documents'],
  sub: 'alice@example.com',
  auth_time: 1_700_000_000,
  groups: ['Everyone', 'Document Signers'],
}

const other: TokenShape = {
  iss: 'https://login.example.com',
  aud: 'marty',
  sub: 'not this one',
  employee_number: '4711',
  organisation: { groups: ['signers'] },
  environment: 'production',
}

const without = (shape: TokenShape, ...names: string[]): TokenShape =>
  Object.fromEntries(Object.entries(shape).filter(([name]) => !names.includes(name)))

/** By the names that the issuers have in docs/logins.md. */
export const logins = {
  cognito: {
    header: { typ: undefined },
    access: cognito,
    machine: {
      ...without(cognito, 'cognito:groups', 'username'),
      sub: '9machine87654321',
      client_id: '9machine87654321',
      scope: 'marty/sign',
    },
    id: {
      ...without(cognito, 'client_id', 'scope'),
      token_use: 'id',
      aud: '1example23456789',
      email: 'alice@example.com',
    },
    refusedBy: 'token_use',
    withRoles: roles => ({ ...cognito, 'cognito:groups': roles }),
  },
  keycloak: {
    header: { typ: 'JWT' },
    access: keycloak,
    machine: {
      ...keycloak,
      azp: 'job',
      clientHost: '192.0.2.1',
      client_id: 'job',
      preferred_username: 'service-account-job',
    },
    id: {
      ...without(keycloak, 'scope'),
      typ: 'ID',
      aud: 'marty',
      nonce: 'n-0S6_WzA2Mj',
      at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
    },
    refusedBy: 'typ',
    withRoles: roles => ({ ...keycloak, resource_access: { marty: { roles } } }),
  },
  entra: {
    header: { typ: 'JWT' },
    access: entra,
    machine: { ...without(entra, 'name', 'preferred_username', 'scp'), sub: person, azpacr: '1', idtyp: 'app' },
    id: { ...without(entra, 'azp', 'azpacr', 'scp'), nonce: '12345' },
    refusedBy: 'azp or appid',
    withRoles: roles => ({ ...entra, roles }),
  },
  auth0: {
    header: { typ: 'at+jwt' },
    access: auth0,
    machine: { ...auth0, sub: 'job@clients', gty: 'client-credentials', aud: 'https://marty.example.com' },
    id: { ...without(auth0, 'scope', 'permissions', 'azp'), aud: 'my_client_id', nonce: '12345', sid: 'session' },
    refusedBy: 'aud',
    withRoles: roles => ({ ...auth0, 'https://marty.example.com/roles': roles }),
  },
  okta: {
    header: { typ: undefined },
    access: okta,
    id: { ...without(okta, 'cid', 'uid', 'scp'), amr: ['pwd'], idp: '00o1t19z1Hbq', nonce: '12345' },
    refusedBy: 'cid',
    withRoles: roles => ({ ...okta, groups: roles }),
  },
  other: {
    header: { typ: 'JWT' },
    access: other,
    id: { ...other, aud: 'frontend', nonce: '12345' },
    refusedBy: 'aud',
    withRoles: roles => ({ ...other, organisation: { groups: roles } }),
  },
} as const satisfies Record<string, Login>

export type LoginName = keyof typeof logins

export const loginNames = Object.keys(logins) as LoginName[]
