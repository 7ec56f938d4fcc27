import type { CommandRow } from '../command.ts'

const reference = [
  { name: 'event', summary: 'id of the event' },
  { name: 'subscriber', summary: 'as listed' },
] as const

const event = '0196f3a2-6c1f-7c0e-a1b5-0d5b6f2f9c11'

export const eventsCommands: readonly CommandRow[] = [
  {
    path: 'events list',
    summary: 'list events that wait to be handed on, those that are due first, at most 100',
    connection: true,
    exits: ['incomplete'],
    examples: [{ call: 'events list --json', says: 'as the server answers' }],
    async run(call) {
      const { listEvents } = await import('../commands/events.ts')
      return listEvents(await call.client(), { json: call.json })
    },
  },
  {
    path: 'events replay',
    summary: 'deliver an event again to every handler that failed on it for the last time',
    arguments: [{ name: 'event', summary: 'id of the event' }],
    connection: true,
    exits: ['incomplete'],
    examples: [{ call: `events replay ${event}`, says: 'all of its dead letters' }],
    async run(call) {
      const { replayEvent } = await import('../commands/dead-letters.ts')
      return replayEvent(await call.client(), { eventId: call.argument('event'), json: call.json })
    },
  },
  {
    path: 'events dead-letters list',
    summary: 'list them, the longest dead first',
    isDefault: true,
    connection: true,
    exits: ['incomplete'],
    examples: [{ call: 'events dead-letters', says: 'the same as `events dead-letters list`' }],
    async run(call) {
      const { listDeadLetters } = await import('../commands/dead-letters.ts')
      return listDeadLetters(await call.client(), { json: call.json })
    },
  },
  changeRow('replay', 'deliver one again, with all attempts anew'),
  changeRow('discard', 'give one up'),
]

function changeRow(action: 'replay' | 'discard', summary: string): CommandRow {
  return {
    path: `events dead-letters ${action}`,
    summary,
    arguments: reference,
    connection: true,
    examples: [{ call: `events dead-letters ${action} ${event} archive:marty.document_signed.v1`, says: 'as listed' }],
    async run(call) {
      const { changeDeadLetter } = await import('../commands/dead-letters.ts')
      const letter = { eventId: call.argument('event'), subscriber: call.argument('subscriber') }
      return changeDeadLetter(await call.client(), action, { ...letter, json: call.json })
    },
  }
}
