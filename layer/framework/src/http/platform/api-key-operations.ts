import * as z from 'zod'
import type { ApiKeyChange, ApiKeys, ApiKeyView } from '../../api-keys/api-keys.ts'
import { isNetwork } from '../../api-keys/networks.ts'
import type { Call } from '../../contract/call.ts'
import { auditEvent } from '../../contract/concerns/audit-event.ts'
import { requiresAuth } from '../../contract/concerns/requires-auth.ts'
import { traceOperation } from '../../contract/concerns/trace-operation.ts'
import { serviceScope } from '../../contract/operation/operation.ts'
import { integerText } from '../../contract/operation/wire-codecs.ts'
import { grantPublishing } from '../../contract/scope.ts'
import type { Operations } from '../../contract/service.ts'
import { unreadableOf, unreadableShape } from '../../database/read-what-can.ts'
import { defined } from '../../defined.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import { defineEvent, type Events } from '../../events/events.ts'
import { accessAdministrator } from './platform-roles.ts'

const changed = z.object({
  keyId: z.string(),
  holder: z.string(),
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
  expiresAt: z.string(),
  by: z.string(),
  replaces: z.optional(z.string()),
  reason: z.optional(z.string()),
})
const created = defineEvent({ name: 'api_key_created', version: 1, data: changed })
const rotated = defineEvent({ name: 'api_key_rotated', version: 1, data: changed })
const revoked = defineEvent({ name: 'api_key_revoked', version: 1, data: changed })

const operation = serviceScope<unknown>()('platform', { events: [created, rotated, revoked].map(grantPublishing) })

const role = { roles: [accessAdministrator] }

const names = (what: string) => z.array(z.string().min(1).max(200)).max(50).describe(what)
const id = z.string().regex(/^[0-9A-Za-z]{16}$/, 'expected the id of a key, 16 letters and digits')
const days = z.int().min(1).max(3650)

const Request = z.strictObject({
  holder: z
    .string()
    .regex(/^[a-z][a-z0-9._-]{1,63}$/, 'expected 2 to 64 of a-z 0-9 . _ -, beginning with a letter')
    .describe('Whose key it is: the principal is api_key#<holder>'),
  roles: names('Roles, of those that api_keys.grantable_roles names').default([]),
  permissions: names('Permissions, of those that api_keys.grantable_permissions names').default([]),
  operations: z.optional(names('<service>.<operation> or <service>.*; absent: whatever the roles allow').min(1)),
  networks: z.optional(
    z
      .array(z.string().refine(isNetwork, 'expected a network such as 192.0.2.0/24 or 2001:db8::/32'))
      .min(1)
      .max(50)
      .describe('Where it may be used from; absent: anywhere'),
  ),
  expiresInDays: days.default(90),
})

const Key = z.strictObject({
  id: z.string(),
  holder: z.string(),
  status: z.enum(['live', 'expired', 'revoked']),
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
  operations: z.optional(z.array(z.string())),
  networks: z.optional(z.array(z.string())),
  createdAt: z.string(),
  createdBy: z.string(),
  expiresAt: z.string(),
  endsAt: z.optional(z.string()),
  replaces: z.optional(z.string()),
  revokedAt: z.optional(z.string()),
  revokedBy: z.optional(z.string()),
  reason: z.optional(z.string()),
  lastUsedAt: z.optional(z.string()),
})
const NewKey = z.strictObject({
  apiKey: z.string().describe('The key itself: shown now and never again'),
  key: Key,
})
const Page = z.strictObject({ apiKeys: z.array(Key), ...unreadableShape, cursor: z.optional(z.string()) })

/** The audit record of a change, also of one that was refused. The key itself is in no input. */
const recorded = <Input, Output>(action: string) =>
  auditEvent<Input, Output>({ eventType: 'access_change', action, resourceType: 'api_key', includeInput: true })

/** The keys of machines: made, listed, rotated, revoked. `known` are the operations that a key may be limited to, as `<service>.<operation>`. */
export function apiKeyOperations(apiKeys: ApiKeys, known: () => readonly string[]): Operations {
  return {
    listApiKeys: operation({
      name: 'list_api_keys',
      description: 'API keys, the newest first; never the keys themselves.',
      input: z.strictObject({
        limit: z.optional(integerText({ min: 1, max: 100 })),
        cursor: z.optional(z.string().max(2048)),
      }),
      output: Page,
      http: { method: 'GET', path: '/platform/api-keys' },
      concerns: [requiresAuth(role), traceOperation({ operationName: 'list_api_keys' })],
      async run({ limit = 20, cursor }) {
        const page = await apiKeys.list({ limit, cursor })
        return { apiKeys: [...page.rows], ...unreadableOf(page), ...defined({ cursor: page.cursor }) }
      },
    }),
    showApiKey: operation({
      name: 'show_api_key',
      description: 'One API key: what it may do, until when, and when it was used last.',
      input: z.strictObject({ keyId: id }),
      output: Key,
      http: { method: 'GET', path: '/platform/api-keys/{keyId}' },
      concerns: [requiresAuth(role), traceOperation({ operationName: 'show_api_key' })],
      run: ({ keyId }) => apiKeys.get(keyId),
    }),
    createApiKey: operation({
      name: 'create_api_key',
      description: 'Makes an API key and shows it, this once.',
      input: Request,
      output: NewKey,
      http: { method: 'POST', path: '/platform/api-keys', status: 201 },
      concerns: [requiresAuth(role), traceOperation({ operationName: 'create_api_key' }), recorded('create')],
      async run(request, { call, context }) {
        checkOperations(request.operations ?? [], known())
        return { ...(await apiKeys.create(request, changeBy(call, context.events, created))) }
      },
    }),
    rotateApiKey: operation({
      name: 'rotate_api_key',
      description:
        'Makes another key in the place of this one, which stays good for the overlap, and shows it, this once.',
      input: z.strictObject({
        keyId: id,
        overlapSeconds: z.int().min(0).max(2_592_000).default(604_800).describe('How long the old key stays good'),
        expiresInDays: z.optional(days.describe('Of the new key; default as long as the old one had')),
      }),
      output: NewKey,
      http: { method: 'POST', path: '/platform/api-keys/{keyId}/rotate', status: 201 },
      concerns: [requiresAuth(role), traceOperation({ operationName: 'rotate_api_key' }), recorded('rotate')],
      async run({ keyId, ...options }, { call, context }) {
        return { ...(await apiKeys.rotate(keyId, options, changeBy(call, context.events, rotated))) }
      },
    }),
    revokeApiKey: operation({
      name: 'revoke_api_key',
      description: 'Ends an API key: on every instance within five seconds.',
      input: z.strictObject({
        keyId: id,
        reason: z.enum(['leaked', 'replaced', 'unused', 'other']).default('other'),
      }),
      output: Key,
      http: { method: 'DELETE', path: '/platform/api-keys/{keyId}' },
      concerns: [requiresAuth(role), traceOperation({ operationName: 'revoke_api_key' }), recorded('revoke')],
      run: ({ keyId, reason }, { call, context }) =>
        apiKeys.revoke(keyId, reason, changeBy(call, context.events, revoked)),
    }),
  }
}

/** The event goes into the transaction of the change. */
function changeBy(
  { principal, correlationId, span }: Call,
  events: Events<typeof created>,
  event: typeof created | typeof rotated | typeof revoked,
): ApiKeyChange {
  const by = principal?.subject ?? ''
  return {
    by,
    also: ({ id: keyId, holder, roles, permissions, expiresAt, replaces, reason }: ApiKeyView) => {
      const data = { keyId, holder, roles, permissions, expiresAt, by, ...defined({ replaces, reason }) }
      return [events.outbox(event as typeof created, data, { subject: keyId, correlationId, span })]
    },
  }
}

/** A name that no operation has would limit the key to nothing. */
function checkOperations(wanted: readonly string[], known: readonly string[]): void {
  const services = new Set(known.map(name => `${name.split('.')[0]}.*`))
  const errors = wanted.flatMap((name, index) =>
    known.includes(name) || services.has(name)
      ? []
      : [
          {
            path: `operations.${index}`,
            message: `${JSON.stringify(name)} is no operation here; expected <service>.<operation> or <service>.*`,
          },
        ],
  )
  if (errors.length > 0) throw new MmfError('validation_failed', { errors })
}
