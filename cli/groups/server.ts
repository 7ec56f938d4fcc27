import type { CommandRow } from '../command.ts'
import { outputFile } from './output-option.ts'

export const serverCommands: readonly CommandRow[] = [
  {
    path: 'health',
    summary: 'health of a server and of its services; exit code 1 where one is unhealthy',
    arguments: [{ name: 'plugin', summary: 'only this one', optional: true }],
    connection: true,
    examples: [{ call: 'health', says: 'no token is needed, and none is sent' }],
    async run(call) {
      const { health } = await import('../commands/health.ts')
      return health(await call.client(), { plugin: call.optionalArgument('plugin'), json: call.json }, call.colours)
    },
  },
  {
    path: 'openapi',
    summary: 'print the OpenAPI document of a server',
    options: [outputFile],
    connection: true,
    document: true,
    examples: [{ call: 'openapi --output openapi.json', says: 'for the generator of a client; no token is sent' }],
    async run(call) {
      const { openapi } = await import('../commands/openapi.ts')
      return openapi(await call.client(), call.text('output'))
    },
  },
]
