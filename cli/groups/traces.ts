import { traces } from '../commands/traces.ts'
import { type ConnectionFlags, clientOf, overHttp, withConnection } from '../http/connection.ts'
import type { CommandGroup } from './group.ts'

interface TracesFlags extends ConnectionFlags {
  readonly json?: boolean
}

export const tracesGroup: CommandGroup = (cli, done) => {
  withConnection(cli.command('traces').description('the newest traces of a server, or the tree of one; for operators'))
    .argument('[id]', 'of the trace')
    .option('--json', 'print JSON')
    .action(async (id: string | undefined, { url, token, json = false }: TracesFlags) =>
      done(await overHttp(() => traces(clientOf({ url, token }), { id, json }))),
    )
}
