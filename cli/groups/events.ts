import { changeDeadLetter, listDeadLetters } from '../commands/dead-letters.ts'
import { type ConnectionFlags, clientOf, overHttp, withConnection } from '../http/connection.ts'
import type { CommandGroup } from './group.ts'

export const eventsGroup: CommandGroup = (cli, done) => {
  const events = cli.command('events').description('events, over HTTP; for platform administrators')
  const letters = events.command('dead-letters').description('events that a handler failed on for the last time')
  withConnection(letters.command('list').description('list them, the longest dead first'))
    .option('--json', 'print JSON')
    .action(async ({ json = false, ...flags }: ConnectionFlags & { readonly json?: boolean }) =>
      done(await overHttp(() => listDeadLetters(clientOf(flags), { json }))),
    )
  for (const action of ['replay', 'discard'] as const) {
    const what = action === 'replay' ? 'deliver one again, with all attempts anew' : 'give one up'
    withConnection(letters.command(action).description(what))
      .argument('<event>', 'id of the event')
      .argument('<subscriber>', 'as listed')
      .action(async (eventId: string, subscriber: string, flags: ConnectionFlags) =>
        done(await overHttp(() => changeDeadLetter(clientOf(flags), action, { eventId, subscriber }))),
      )
  }
}
