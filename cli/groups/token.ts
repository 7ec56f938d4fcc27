import type { CommandRow } from '../command.ts'
import { dataFolderOption } from './data.ts'

export const tokenCommands: readonly CommandRow[] = [
  {
    path: 'token',
    summary: 'print a token of the local issuer (development only)',
    options: [
      { name: 'subject', value: 'name', summary: 'the `sub` of the token', fallback: 'developer' },
      { name: 'roles', value: 'names', summary: 'comma-separated roles' },
      { name: 'permissions', value: 'names', summary: 'comma-separated permissions' },
      { name: 'ttl', value: 'seconds', summary: 'life time, 1 to 86400', fallback: '3600' },
      dataFolderOption,
    ],
    examples: [
      {
        call: 'token --roles document_signer --permissions sign_documents',
        says: 'for signing: TOKEN=$(mmf-cli token …)',
      },
    ],
    async run(call) {
      const { token } = await import('../commands/token.ts')
      const { dataFolderOf } = await import('../commands/data.ts')
      return token({
        subject: call.value('subject'),
        roles: list(call.text('roles')),
        permissions: list(call.text('permissions')),
        ttl: call.value('ttl'),
        dataDirectory: dataFolderOf(call.text('data-dir'), call.env),
        json: call.json,
      })
    },
  },
]

const list = (value = '') =>
  value
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
