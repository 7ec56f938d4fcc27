import type { CommandRow } from '../command.ts'

export const tracesCommands: readonly CommandRow[] = [
  {
    path: 'traces',
    summary: 'the newest traces of a local server, or the tree of one; for platform administrators',
    arguments: [{ name: 'id', summary: 'of the trace', optional: true }],
    connection: true,
    examples: [{ call: 'traces', says: 'newest first; `traces ID` prints the spans of one' }],
    async run(call) {
      const { traces } = await import('../commands/traces.ts')
      return traces(await call.client(), { id: call.optionalArgument('id'), json: call.json })
    },
  },
]
