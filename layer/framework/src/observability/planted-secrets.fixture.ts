import { Secret } from '../config/secret.ts'

/** What no sink may show. Every secret of this file contains one of these. */
export const plantedSecrets = [
  'hunter2',
  Buffer.from('user:hunter2').toString('base64'),
  Buffer.from('hunter2').toString('base64url'),
]

const members = { password: 'hunter2 and more', nested: [{ apiKey: 'hunter2' }] }

/** Texts that give a secret away by their form, wherever they stand. */
export const tellingTexts: Readonly<Record<string, string>> = {
  bearer: 'curl -H "Authorization: Bearer hunter2"',
  inPath: '/v1/nothing/Bearer%20hunter2',
  shouted: 'AUTHORIZATION: BEARER hunter2',
  basic: `Basic ${Buffer.from('user:hunter2').toString('base64')}`,
  jws: `got eyJhbGciOiJFUzI1NiJ9.${Buffer.from('hunter2').toString('base64url')}.aaaa, no more`,
  pem: '-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----\n',
  pgp: '-----BEGIN PGP PRIVATE KEY BLOCK-----\nhunter2',
  address: 'postgres://marty:hunter2@db.example/marty',
  presigned: 'https://s3.example/x?X-Amz-Algorithm=a&X-Amz-Signature=hunter2&X-Amz-Security-Token=hunter2',
  azure: 'https://blob.example/x?sv=2024&sig=hunter2',
  ours: 'http://127.0.0.1/blobs/x?expires=1&signature=hunter2',
  query: '/callback?state=hunter2&code=hunter2&access_token=hunter2#id_token=hunter2',
  form: 'grant_type=client_credentials&client_secret=hunter2&client_id=us',
  assignment: "password = 'hunter2 and more', PGPASSWORD=hunter2",
  json: JSON.stringify(members),
  pretty: JSON.stringify(members, undefined, 2),
  twice: JSON.stringify({ body: JSON.stringify(members) }),
  inspected: "{ password: 'hunter2', 'x-api-key': 'hunter2' }",
  jwk: '{"kty":"EC","crv":"P-256","d":"hunter2"}',
}

/** Lines of headers: what follows the name is the secret, up to the end of the line. */
export const headerLines: Readonly<Record<string, string>> = {
  key: 'x-api-key: hunter2',
  cookies: 'accept: */*\r\nCookie: a=hunter2; b=hunter2\r\nhost: x\r\nSet-Cookie: sid=hunter2; Path=/',
  own: 'Proxy-Authorization: Digest hunter2, hunter2\nX-Auth-Token: hunter2',
  phrase: 'passphrase: correct horse hunter2',
}

/** Names of fields, in the styles of several languages, whose value is a secret. */
const secretNames = [
  'password',
  'PASSWORD',
  'db_password',
  'apiKey',
  'api_key',
  'API-KEY',
  'x-api-key',
  'Authorization',
  'Proxy-Authorization',
  'cookie',
  'Set-Cookie',
  'token',
  'accessToken',
  'refresh_token',
  'clientSecret',
  'secret',
  'private_key',
  'privateKeyPem',
  'passphrase',
  'sessionId',
  'client_assertion',
  'bearer',
  'aws_secret_access_key',
  'otp',
  'pin',
  'ｐａｓｓｗｏｒｄ',
]

class Account {
  readonly id = 'account-1'
  readonly password = 'hunter2'
  get apiKey(): string {
    return 'hunter2'
  }
}

/** An input full of secrets, none of which looks like one by itself: only names tell. */
export function plantedValues(): Readonly<Record<string, unknown>> {
  const byName = Object.fromEntries(secretNames.map(name => [name, 'hunter2']))
  const getter = Object.defineProperty({}, 'password', { enumerable: true, get: () => 'hunter2' })
  const cause = new Error('password=hunter2', { cause: { headers: { cookie: 'hunter2' } } })
  const failed = Object.assign(new Error('x-api-key: hunter2', { cause }), {
    config: { auth: 'hunter2' },
    detail: 'token=hunter2',
  })
  return {
    ...byName,
    harmless: 'seen',
    nested: { deeper: [{ deepest: byName }] },
    numbers: { pin: 4711, otp: 'hunter2' },
    list: { token: ['hunter2'], password: { old: 'hunter2', new: 'hunter2' } },
    pairs: Object.entries(byName),
    rawHeaders: ['Accept', '*/*', 'X-Api-Key', 'hunter2', 'Cookie', 'hunter2'],
    fields: [
      { name: 'client_secret', value: 'hunter2' },
      { key: 'password', value: 'hunter2' },
    ],
    map: new Map<string, unknown>([
      ['password', 'hunter2'],
      ['plain', byName],
    ]),
    set: new Set([byName]),
    headers: new Headers({ authorization: 'hunter2' }),
    parameters: new URLSearchParams({ password: 'hunter2' }),
    address: new URL('https://user:hunter2@host.example/?token=hunter2'),
    jwk: { kty: 'EC', d: 'hunter2', p: 'hunter2' },
    oct: { kty: 'oct', k: 'hunter2' },
    account: new Account(),
    getter,
    toJson: { toJSON: () => ({ password: 'hunter2' }) },
    wrapped: new Secret('hunter2'),
    bytes: Buffer.from('hunter2'),
    'Bearer hunter2': 'a secret that became a name',
    errors: [failed, new AggregateError([failed], 'token: hunter2')],
    texts: tellingTexts,
    lines: headerLines,
  }
}
