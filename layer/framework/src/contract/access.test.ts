import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { pluginConfig } from '../config/plugin-config.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { tokenAuthenticator } from '../http/authentication/token-authenticator.ts'
import { createFunctionHandler } from '../http/create-function-handler.ts'
import type { HttpPlatform } from '../http/platform.ts'
import { createTestPlatform } from '../testing/create-test-platform.ts'
import { testCall } from '../testing/test-call.ts'
import {
  type Access,
  definePermission,
  defineRole,
  type PermissionDefinition,
  type RoleDefinition,
  withGrants,
} from './access.ts'
import type { Call } from './call.ts'
import { requiresAuth } from './concerns/requires-auth.ts'
import { definePlugin, type PluginDefinition } from './define-plugin.ts'
import { type AnyOperation, serviceScope } from './operation/operation.ts'
import { defineService } from './service.ts'

const open = definePermission({ name: 'open', description: 'Opens' })
const guard = defineRole({ name: 'guard', description: 'Stands at the door' })
const porter = defineRole({ name: 'porter', description: 'Has the key', inherits: [guard], permissions: [open] })
const chief = defineRole({ name: 'chief', description: 'Leads the porters', inherits: [porter] })

const withCode = (code: string) => (error: unknown) => isMmfError(error) && error.code === code

type Demand = Parameters<typeof requiresAuth>[0]

const enterShape = {
  name: 'enter',
  input: z.strictObject({}),
  output: z.strictObject({ guard: z.boolean(), open: z.boolean() }),
  http: { method: 'POST', path: '/v1/enter' },
} as const

/** A plugin whose operation makes this demand, and asks about its caller what the scope of its service lists. */
function gate(demand: Demand, declared: Pick<PluginDefinition, 'roles' | 'permissions'>) {
  return house(asking({ ...enterShape, concerns: [requiresAuth(demand)], run: askBoth }), declared)
}

const asking = serviceScope<unknown>()('gate', { roles: [guard], permissions: [open] })

/** A plugin whose operation makes this demand, and asks nothing about its caller. */
function plainGate(demand: Demand, declared: Pick<PluginDefinition, 'roles' | 'permissions'>) {
  const run = async () => ({ guard: false, open: false })
  return house(serviceScope<unknown>()('gate', {})({ ...enterShape, concerns: [requiresAuth(demand)], run }), declared)
}

async function askBoth(
  _input: unknown,
  { context, call: { principal } }: { context: { access: Access<typeof guard, typeof open> }; call: Call },
) {
  return { guard: context.access.hasRole(principal, guard), open: context.access.hasPermission(principal, open) }
}

function house(enter: AnyOperation, declared: Pick<PluginDefinition, 'roles' | 'permissions'>) {
  return definePlugin({
    name: 'house',
    title: 'House',
    version: '1.0.0',
    description: '',
    metricPrefix: 'house',
    config: pluginConfig({}),
    ...declared,
    services: [defineService({ name: 'gate', description: '', operations: { enter } })],
  })
}

const all = { roles: [guard, porter, chief], permissions: [open] }

for (const [what, define, code] of [
  ['a role that is not listed', () => plainGate({ roles: [guard] }, { roles: [porter] }), 'role_undeclared'],
  ['a role where none is listed', () => plainGate({ roles: [guard] }, {}), 'role_undeclared'],
  ['a permission that is not listed', () => plainGate({ permissions: [open] }, {}), 'permission_undeclared'],
  [
    'an inherited role that is not listed',
    () => plainGate({}, { roles: [porter], permissions: [open] }),
    'role_undeclared',
  ],
  ['a carried permission that is not listed', () => plainGate({}, { roles: [guard, porter] }), 'permission_undeclared'],
  [
    'another definition of a listed name',
    () => plainGate({ roles: [defineRole({ name: 'guard', description: 'Another' })] }, all),
    'role_undeclared',
  ],
  ['a role that is asked about and not listed', () => gate({}, { permissions: [open] }), 'role_undeclared'],
  ['a permission that is asked about and not listed', () => gate({}, { roles: [guard] }), 'permission_undeclared'],
  [
    'another definition of a role that is asked about',
    () => gate({}, { ...all, roles: [defineRole({ name: 'guard', description: 'Another' })] }),
    'role_undeclared',
  ],
  ['two roles of one name', () => plainGate({}, { roles: [guard, guard] }), 'role_duplicate'],
  ['two permissions of one name', () => plainGate({}, { permissions: [open, open] }), 'permission_duplicate'],
  // @ts-expect-error a text is no declared role
  ['a role as a text', () => plainGate({ roles: ['guard'] }, all), 'role_undeclared'],
  // @ts-expect-error a text is no declared permission
  ['a permission as a text', () => plainGate({ permissions: ['open'] }, all), 'permission_undeclared'],
  // @ts-expect-error a permission is no role
  ['a permission in the place of a role', () => plainGate({ roles: [open] }, all), 'role_undeclared'],
  // @ts-expect-error a role is no permission
  ['a role in the place of a permission', () => plainGate({ permissions: [guard] }, all), 'permission_undeclared'],
] as const) {
  test(`a plugin with ${what} does not boot: ${code}`, () => {
    assert.throws(define, withCode(code))
  })
}

test('roles that inherit each other do not boot, and their expansion ends', () => {
  const first = { ...guard, name: 'first', inherits: [] as RoleDefinition[] }
  const second = { ...guard, name: 'second', inherits: [first] }
  first.inherits.push(second)

  assert.throws(() => plainGate({}, { roles: [first, second] }), withCode('role_circular'))
  const { principal } = testCall({ principal: { roles: ['first'] } })
  assert.deepEqual(principal && withGrants(principal, [first, second]).roles, ['first', 'second'])
})

test('a principal without a declared role gains nothing, and one with it gains once', () => {
  const nobody = { subject: 'ann', roles: ['Chief', 'open', ''], permissions: ['guard'], method: 'jwt' } as const
  assert.equal(withGrants(nobody, all.roles), nobody)
  assert.equal(withGrants(nobody), nobody)

  const leader = withGrants({ ...nobody, roles: ['chief'], permissions: [] }, all.roles)
  assert.deepEqual([leader.roles, leader.permissions], [['chief', 'porter', 'guard'], ['open']])
  assert.equal(withGrants(leader, all.roles), leader)
})

/** Each token over HTTP and in a call of another service: the status or code of one, the answer of the other. */
async function enter(plugin: PluginDefinition, roles: readonly string[], permissions: readonly string[] = []) {
  const platform = await createTestPlatform({ plugins: [plugin] })
  const principal = { subject: 'ann', roles, permissions, method: 'jwt' } as const
  const host = {
    ...platform,
    authenticators: [tokenAuthenticator({ verify: async () => principal })],
    pluginSettings: {},
    maxBodyBytes: 1000,
    rateLimits: () => ({ callers: {}, requests_per_day: {} }),
    basePath: '',
  }
  const handler = createFunctionHandler({ plugin, services: ['gate'] }, async () => host as unknown as HttpPlatform)
  const lambda = { awsRequestId: 'r', getRemainingTimeInMillis: () => 5000 } as never
  const http = { method: 'POST', path: '/v1/enter', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' }
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/v1/enter',
    rawQueryString: '',
    headers: { authorization: 'Bearer a.b.c', 'content-type': 'application/json' },
    requestContext: { http, requestId: 'r', stage: '$default' },
    body: '{}',
    isBase64Encoded: false,
  }
  const answer = await handler(event as never, lambda)
  const call = { mmf: 'call', plugin: 'house', service: 'gate', operation: 'enter', input: {}, principal } as const
  const reply = await handler({ ...call, correlationId: 'c', deadline: Number.MAX_SAFE_INTEGER }, lambda)
  await platform.close()
  const body = JSON.parse(String(answer.body))
  return {
    http: answer.statusCode === 200 ? body : `${answer.statusCode} ${body.code}`,
    call: 'output' in reply ? reply.output : reply.error.code,
  }
}

test('an inherited role and a carried permission open what demands them, over HTTP and in calls', async () => {
  const plugin = gate({ roles: [guard], permissions: [open] }, all)
  const both = { guard: true, open: true }

  assert.deepEqual(await enter(plugin, ['chief']), { http: both, call: both })
  assert.deepEqual(await enter(plugin, ['porter']), { http: both, call: both })
  assert.deepEqual(await enter(plugin, ['guard'], ['open']), { http: both, call: both })
  assert.deepEqual(await enter(plugin, ['guard']), { http: '403 permission_missing', call: 'permission_missing' })
  assert.deepEqual(await enter(plugin, ['visitor'], ['open']), { http: '403 role_missing', call: 'role_missing' })
})

test('what a plugin does not declare and its code asks about is named when it boots', () => {
  assert.throws(
    () => gate({}, { permissions: [open], roles: [chief, porter].map(role => ({ ...role, inherits: [] })) }),
    error =>
      withCode('role_undeclared')(error) &&
      /the scope of gate names the role "guard", which house does not declare; declared: chief, porter$/.test(
        (error as Error).message,
      ),
  )
})

test('what a scope does not list cannot be asked: it does not compile, and code without types is refused by name', async () => {
  const run = async (_input: unknown, { context, call: { principal } }: Parameters<typeof askBoth>[1]) => {
    // @ts-expect-error the scope lists guard alone
    const isPorter = context.access.hasRole(principal, porter)
    // @ts-expect-error a permission is no role
    const isOpen = context.access.hasRole(principal, open)
    return { guard: isPorter, open: isOpen }
  }
  const plugin = house(asking({ ...enterShape, concerns: [requiresAuth()], run }), all)
  assert.deepEqual(await enter(plugin, ['porter']), { http: '500 role_undeclared', call: 'role_undeclared' })

  const silent = serviceScope<unknown>()('gate', {})({
    ...enterShape,
    concerns: [requiresAuth()],
    run: async (_input, { context, call: { principal } }) => ({
      // @ts-expect-error a scope without roles lets nothing be asked
      guard: context.access.hasRole(principal, guard),
      open: false,
    }),
  })
  assert.deepEqual(await enter(house(silent, all), ['guard']), { http: '500 role_undeclared', call: 'role_undeclared' })
})

test('a helper that asks about more than the scope of its caller does not compile', () => {
  const helper = ({ hasRole }: Access<typeof guard>) => hasRole(undefined, guard)
  const wide: Access<RoleDefinition, PermissionDefinition> = { hasRole: () => true, hasPermission: () => true }
  const other: Access<typeof chief> = wide
  assert.equal(helper(wide), true)
  // @ts-expect-error chief alone may be asked about
  assert.equal(helper(other), true)
})

test('inheritance goes one way: a base role does not open what demands an heir', async () => {
  const refused = { http: '403 role_missing', call: 'role_missing' }
  assert.deepEqual(await enter(gate({ roles: [chief] }, all), ['guard', 'porter']), refused)
})
