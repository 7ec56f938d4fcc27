import type { CommandRow } from '../command.ts'

const name = { name: 'name', summary: 'of the context', kind: 'context' } as const

export const contextCommands: readonly CommandRow[] = [
  {
    path: 'context add',
    summary: 'keep a server under a name; the first one is used from then on',
    arguments: [{ name: 'name', summary: 'letters, digits, dot, dash, underscore' }],
    options: [
      { name: 'url', value: 'address', summary: 'where the API answers', required: true },
      {
        name: 'token-command',
        value: 'line',
        summary: 'a line for the shell that prints a token; what it prints is never shown',
      },
      { name: 'replace', summary: 'in place of the one that has the name' },
    ],
    examples: [
      {
        call: "context add prod --url https://marty.example --token-command 'pass show marty'",
        says: 'its token comes from a store',
      },
      { call: 'context add local --url http://127.0.0.1:8080', says: 'its token comes from MARTY_TOKEN' },
    ],
    async run(call) {
      const { contextAdd } = await import('../commands/context.ts')
      const options = { name: call.argument('name'), url: call.value('url'), ...call.given('tokenCommand') }
      return contextAdd({ ...options, replace: call.on('replace'), json: call.json }, call.env)
    },
  },
  {
    path: 'context use',
    summary: 'use a server where a call names none',
    arguments: [name],
    examples: [{ call: 'context use prod', says: 'from now on, in every shell of this user' }],
    async run(call) {
      const { contextUse } = await import('../commands/context.ts')
      return contextUse(call.argument('name'), call.json, call.env)
    },
  },
  {
    path: 'context list',
    summary: 'list them; * marks the one in use',
    isDefault: true,
    examples: [{ call: 'context list', says: 'names, addresses, and whether there is a token command' }],
    async run(call) {
      const { contextList } = await import('../commands/context.ts')
      return contextList(call.json, call.env)
    },
  },
  {
    path: 'context show',
    summary: 'show one, or the one in use',
    arguments: [{ ...name, optional: true }],
    examples: [{ call: 'context show prod', says: 'its token command as it was added, which is not run' }],
    async run(call) {
      const { contextShow } = await import('../commands/context.ts')
      return contextShow(call.optionalArgument('name'), call.json, call.env)
    },
  },
  {
    path: 'context remove',
    summary: 'forget one',
    arguments: [name],
    examples: [{ call: 'context remove prod', says: 'where it was in use, none is then' }],
    async run(call) {
      const { contextRemove } = await import('../commands/context.ts')
      return contextRemove(call.argument('name'), call.json, call.env)
    },
  },
]
