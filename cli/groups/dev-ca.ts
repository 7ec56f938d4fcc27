import type { CommandRow } from '../command.ts'

export const devCaCommands: readonly CommandRow[] = [
  {
    path: 'dev-ca',
    summary: 'make an authority for development, with certificates for a server on this machine and for clients',
    options: [
      { name: 'out', value: 'folder', summary: 'default ./dev-ca; nothing in it is overwritten', kind: 'folder' },
      { name: 'client', value: 'name', summary: 'a client; repeat for more; default client', repeatable: true },
      {
        name: 'server-name',
        value: 'host',
        summary: 'what the server answers at beside localhost, 127.0.0.1 and ::1; repeat for more',
        repeatable: true,
      },
      { name: 'days', value: 'number', summary: 'how long they are valid, at most 3650', fallback: '365' },
    ],
    examples: [
      { call: 'dev-ca', says: 'and the commands that use it' },
      { call: 'dev-ca --client ci --client alice --out /tmp/ca', says: 'two clients' },
    ],
    async run(call) {
      const { devCa } = await import('../commands/dev-ca.ts')
      const clients = call.all('client')
      return devCa({
        folder: call.text('out') ?? 'dev-ca',
        clients: clients.length === 0 ? ['client'] : clients,
        hosts: call.all('server-name'),
        days: call.value('days'),
        json: call.json,
      })
    },
  },
]
