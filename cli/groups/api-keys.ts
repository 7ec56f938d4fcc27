import type { CommandRow } from '../command.ts'

const key = { name: 'key', summary: 'id of the key: what stands between the second and the third _' } as const
const days = { name: 'days', value: 'number', summary: 'how long the new key is good' } as const
const keyId = '4fJq0ZxN7bRkT2Lw'

export const apiKeysCommands: readonly CommandRow[] = [
  {
    path: 'api-keys list',
    summary: 'list them, the newest first; never the keys themselves',
    isDefault: true,
    connection: true,
    exits: ['incomplete'],
    examples: [{ call: 'api-keys', says: 'the same as `api-keys list`' }],
    async run(call) {
      const { listApiKeys } = await import('../commands/api-keys.ts')
      return listApiKeys(await call.client(), { json: call.json })
    },
  },
  {
    path: 'api-keys show',
    summary: 'say what one may do, until when, and when it was used last',
    arguments: [key],
    connection: true,
    examples: [{ call: `api-keys show ${keyId}`, says: 'its row, without the key' }],
    async run(call) {
      const { showApiKey } = await import('../commands/api-keys.ts')
      return showApiKey(await call.client(), { keyId: call.argument('key'), json: call.json })
    },
  },
  {
    path: 'api-keys create',
    summary: 'make one and print it, this once',
    arguments: [{ name: 'holder', summary: 'whose it is: the principal is api_key#<holder>' }],
    options: [
      { name: 'role', value: 'name', summary: 'what it carries; may be repeated', repeatable: true },
      { name: 'permission', value: 'name', summary: 'what it carries; may be repeated', repeatable: true },
      {
        name: 'operation',
        value: 'name',
        summary: '<service>.<operation> or <service>.*, to which it is limited; may be repeated',
        repeatable: true,
      },
      { name: 'network', value: 'cidr', summary: 'where it may be used from; may be repeated', repeatable: true },
      days,
    ],
    connection: true,
    examples: [
      {
        call: 'api-keys create archive --role document_signer --permission sign_documents > archive.key',
        says: 'the key alone in the file',
      },
    ],
    async run(call) {
      const { createApiKey } = await import('../commands/api-keys.ts')
      const request = {
        holder: call.argument('holder'),
        roles: call.all('role'),
        permissions: call.all('permission'),
        operations: call.all('operation'),
        networks: call.all('network'),
        ...call.given('days'),
      }
      return createApiKey(await call.client(), { ...request, json: call.json })
    },
  },
  {
    path: 'api-keys rotate',
    summary: 'make another in the place of one, which stays good for the overlap, and print it, this once',
    arguments: [key],
    options: [
      { name: 'overlap', value: 'seconds', summary: 'how long the old key stays good; seven days where it is absent' },
      days,
    ],
    connection: true,
    examples: [{ call: `api-keys rotate ${keyId} --overlap 3600 > archive.key`, says: 'both are good for an hour' }],
    async run(call) {
      const { rotateApiKey } = await import('../commands/api-keys.ts')
      const options = { keyId: call.argument('key'), ...call.given('overlap', 'days'), json: call.json }
      return rotateApiKey(await call.client(), options)
    },
  },
  {
    path: 'api-keys revoke',
    summary: 'end one, on every instance within five seconds',
    arguments: [key],
    options: [
      {
        name: 'reason',
        value: 'name',
        summary: 'why',
        required: true,
        allowed: ['leaked', 'replaced', 'unused', 'other'],
      },
    ],
    connection: true,
    examples: [{ call: `api-keys revoke ${keyId} --reason leaked`, says: 'it cannot be undone' }],
    async run(call) {
      const { revokeApiKey } = await import('../commands/api-keys.ts')
      const options = { keyId: call.argument('key'), reason: call.value('reason'), json: call.json }
      return revokeApiKey(await call.client(), options)
    },
  },
]
