import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { RoleDefinition } from '@mmf/framework'
import { operationsOf } from '@mmf/framework/internal'
import { apiKeyTable } from '../../../layer/framework/src/api-keys/api-key-tables.ts'
import { update } from '../../../layer/framework/src/database/write.ts'
import { platformRoles } from '../../../layer/framework/src/http/platform/platform-roles.ts'
import { declaredPlatformService } from '../../../layer/framework/src/http/platform/platform-service.ts'
import { plugins } from '../../support/plugins.ts'
import { refusedTokens } from '../support/refused-tokens.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'

// Every route × every kind of credential and role, from the declarations of all plugins and of the platform. What is let in gets a
// request that its input refuses, so that nothing is changed.

const served = Object.values(declaredPlatformService.operations)
const groups = [
  { roles: platformRoles, operations: served },
  ...plugins.map(plugin => ({ roles: plugin.roles ?? [], operations: operationsOf(plugin) })),
]
const routes = groups.flatMap(({ roles, operations }) =>
  operations.flatMap(({ http, service, name, declares: { auth } }) =>
    http === undefined ? [] : [{ ...http, name: `${service}.${name}`, auth, declared: roles }],
  ),
)
type Route = (typeof routes)[number]

const roleNames = [...new Set(groups.flatMap(({ roles }) => roles.map(({ name }) => name)))].sort()
const needed = routes.flatMap(({ auth }) => (auth?.access === 'authenticated' ? auth.permissions : []))
const permissionNames = [...new Set(needed.map(({ name }) => name))].sort()

type Held = { readonly roles: readonly string[]; readonly permissions: readonly string[] }
interface Shown {
  readonly what: string
  readonly token?: string
  readonly apiKey?: string
  /** What a good credential gives; absent for one that must be refused with `refusedBy`, or for none at all. */
  readonly gives?: Held & { readonly operations?: readonly string[] }
  readonly refusedBy?: string
}

const everything: Held = { roles: roleNames, permissions: permissionNames }
/** One role alone, with and without permissions; permissions without a role; all roles without permissions; nothing; all. */
const heldSets: readonly Held[] = [
  ...roleNames.flatMap(role => [
    { roles: [role], permissions: [] },
    { roles: [role], permissions: permissionNames },
  ]),
  { roles: [], permissions: permissionNames },
  { roles: roleNames, permissions: [] },
  { roles: [], permissions: [] },
  { roles: roleNames.map(name => name.toUpperCase()), permissions: permissionNames.map(name => `${name} `) },
  everything,
]

/** What is declared says the answer: a code, or nothing where the caller is let in. Written anew here, on purpose. */
function expectedCode({ auth, name, declared }: Route, { gives, refusedBy }: Shown): string | undefined {
  if (auth === undefined) return 'operation_unprotected'
  if (auth.access === 'public') return undefined
  if (refusedBy !== undefined) return refusedBy
  if (gives === undefined) return auth.optional ? undefined : 'authentication_required'
  const held = declared.filter(role => gives.roles.includes(role.name)).flatMap(withInherited)
  const roles = [...gives.roles, ...held.map(role => role.name)]
  const permissions = [...gives.permissions, ...held.flatMap(role => role.permissions.map(one => one.name))]
  const fits = (wanted: readonly { readonly name: string }[], has: readonly string[], all: boolean) =>
    wanted.length === 0 ||
    (all ? wanted.every(one => has.includes(one.name)) : wanted.some(one => has.includes(one.name)))
  if (!fits(auth.roles, roles, auth.requireAllRoles)) return 'role_missing'
  if (!fits(auth.permissions, permissions, auth.requireAllPermissions)) return 'permission_missing'
  const [service] = name.split('.')
  const limits = gives.operations
  if (limits !== undefined && !limits.includes(name) && !limits.includes(`${service}.*`)) return 'access_denied'
  return undefined
}

const withInherited = (role: RoleDefinition): readonly RoleDefinition[] => [
  role,
  ...role.inherits.flatMap(withInherited),
]

const refusals: ReadonlySet<unknown> = new Set([
  'authentication_required',
  'role_missing',
  'permission_missing',
  'access_denied',
  'operation_unprotected',
  'credentials_conflict',
])

let marty: TestPlatform
let credentials: readonly Shown[]
before(async () => {
  marty = await startPlatform({
    env: {
      ...signingWith('ECDSA-SHA256'),
      MMF__logging__level: 'error',
      MMF__api_keys__grantable_roles: JSON.stringify(roleNames),
      MMF__api_keys__grantable_permissions: JSON.stringify(permissionNames),
    },
  })
  credentials = [
    { what: 'nothing' },
    ...heldSets.map(gives => ({ what: `a token with ${words(gives)}`, token: token(gives), gives })),
    ...(await goodApiKeys()),
    ...refusedTokens(marty.dataDirectory, everything).map(({ what, token, code }) => ({
      what: `a token ${what}`,
      token,
      refusedBy: code,
    })),
    ...(await refusedApiKeys()),
  ]
})
after(() => marty.stop())

const words = ({ roles, permissions }: Held) => `roles [${roles}] and permissions [${permissions}]`
const token = ({ roles, permissions }: Held) =>
  marty.token({ subject: 'matrix', roles: [...roles], permissions: [...permissions] })

let holders = 0
async function newApiKey(request: object): Promise<{ readonly apiKey: string; readonly key: { readonly id: string } }> {
  holders += 1
  const made = await marty.request('POST', '/platform/api-keys', {
    token: token({ roles: ['access_administrator'], permissions: [] }),
    body: { holder: `matrix-${holders}`, ...request },
  })
  assert.equal(made.status, 201, made.text)
  return made.json
}

async function goodApiKeys(): Promise<readonly Shown[]> {
  const narrow = ['platform.list_events', 'document_signer.*']
  const sets: readonly (Held & { readonly operations?: readonly string[] })[] = [
    ...roleNames.map(role => ({ roles: [role], permissions: permissionNames })),
    { roles: [], permissions: permissionNames },
    { ...everything, operations: narrow },
  ]
  const made: Shown[] = []
  for (const gives of sets) {
    const limits = gives.operations === undefined ? '' : ` for ${gives.operations}`
    made.push({ what: `an API key with ${words(gives)}${limits}`, apiKey: (await newApiKey(gives)).apiKey, gives })
  }
  return made
}

async function refusedApiKeys(): Promise<readonly Shown[]> {
  const revoked = await newApiKey(everything)
  const removed = await marty.request('DELETE', `/platform/api-keys/${revoked.key.id}`, { token: token(everything) })
  assert.equal(removed.status, 200, removed.text)
  const expired = await newApiKey(everything)
  await marty.platform.http.database.write(
    update(apiKeyTable, { id: expired.key.id }, { endsAt: '2020-01-01T00:00:00.000Z' }),
  )
  const elsewhere = await newApiKey({ ...everything, networks: ['192.0.2.0/24'] })
  const cut = (await newApiKey(everything)).apiKey.slice(0, -1)
  return [
    { what: 'a revoked API key', apiKey: revoked.apiKey, refusedBy: 'api_key_invalid' },
    { what: 'an expired API key', apiKey: expired.apiKey, refusedBy: 'api_key_invalid' },
    { what: 'an API key from elsewhere', apiKey: elsewhere.apiKey, refusedBy: 'api_key_invalid' },
    { what: 'an API key that is cut', apiKey: cut, refusedBy: 'api_key_malformed' },
    {
      what: 'a token and an API key',
      token: token(everything),
      apiKey: (await newApiKey(everything)).apiKey,
      refusedBy: 'credentials_conflict',
    },
  ]
}

/** The route with a body that is no JSON or a query that no route has. `fill` stands for what the path names. */
function send({ method, path }: Route, { token, apiKey }: Shown, fill: string): Promise<TestAnswer> {
  const target = path.replaceAll(/\{[^}]+\}/g, fill)
  return marty.request(method, method === 'GET' ? `${target}?no-such-field=1` : target, {
    ...(token === undefined ? {} : { token }),
    ...(method === 'GET' ? {} : { body: '{"' }),
    ...(apiKey === undefined ? {} : { headers: { 'x-api-key': apiKey } }),
  })
}

/** What an answer says, but for what differs from request to request. */
const said = ({ status, json }: TestAnswer) => JSON.stringify([status, { ...json, correlationId: '', instance: '' }])

/** Where no credential is looked at, one of each kind is enough. */
const oneOfEach = (all: readonly Shown[]) => [
  ...new Map(
    all.map(shown => [`${shown.refusedBy} ${shown.apiKey === undefined} ${shown.token === undefined}`, shown]),
  ).values(),
]

describe('every route × every kind of credential', () => {
  it('is of routes and roles enough to mean something', () => {
    assert.ok(routes.length >= 60 && roleNames.length >= 8 && permissionNames.length >= 1, `${routes.length} routes`)
    assert.ok(credentials.length >= 40, `${credentials.length} credentials`)
    const declared = new Set(routes.flatMap(({ auth }) => (auth?.access === 'authenticated' ? auth.roles : [])))
    for (const { name } of declared) assert.ok(roleNames.includes(name), `${name} is declared by no plugin`)
  })

  for (const route of routes) {
    it(`${route.method} ${route.path} answers as ${route.name} declares`, async () => {
      const surprises: string[] = []
      const bodies = new Map<string, Set<string>>()
      for (const shown of route.auth?.access === 'public' ? oneOfEach(credentials) : credentials) {
        const answer = await send(route, shown, 'x')
        const expected = expectedCode(route, shown)
        const { status, json } = answer
        const isRight =
          expected === undefined
            ? status < 500 && status !== 401 && !refusals.has(json?.code)
            : json?.code === expected && status === statusOf(expected)
        if (!isRight) surprises.push(`${shown.what}: ${status} ${json?.code}, expected ${expected ?? 'to be let in'}`)
        if (expected === undefined) continue
        // Whoever is refused for one reason reads one text, whatever the path names.
        const texts = bodies.get(expected) ?? new Set<string>()
        texts.add(said(answer))
        if (texts.size === 1 && route.path.includes('{')) {
          texts.add(said(await send(route, shown, '0193c1a0-0000-7000-8000-000000000000')))
        }
        bodies.set(expected, texts)
      }
      assert.deepEqual(surprises, [])
      for (const [code, texts] of bodies) {
        // These say what of the token is wrong, which its holder can read anyway.
        if (code.startsWith('token_')) continue
        assert.equal(texts.size, 1, [...texts].join('\n'))
      }
    })
  }
})

function statusOf(code: string): number {
  if (code === 'credentials_conflict') return 400
  return ['role_missing', 'permission_missing', 'access_denied'].includes(code) ? 403 : 401
}
