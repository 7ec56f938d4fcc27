import type { ApiClient } from '../http/api-client.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'
import { type Unreadable, withUnreadable } from '../unreadable.ts'

interface Waiting {
  readonly eventId: string
  readonly type: string
  readonly subject?: string
  readonly dueAt: string
  readonly attempts: number
}

interface Answer {
  readonly events: readonly Waiting[]
  readonly more: boolean
  readonly unreadable?: readonly Unreadable[]
}

/** `mmf-cli events list`: what is committed and was not handed on yet. */
export async function listEvents(client: ApiClient, { json = false }: { json?: boolean }): Promise<CommandResult> {
  const answer: Answer = await client.json('GET', '/platform/events?limit=100', undefined, { members: ['events'] })
  const { events, more, unreadable = [] } = answer
  const count = `${events.length}${more ? ' of more' : ''} events wait\n`
  const stdout = json ? `${JSON.stringify(answer, undefined, 2)}\n` : `${events.map(line).join('')}${count}`
  return withUnreadable({ stdout, exitCode: 0 }, unreadable)
}

function line({ eventId, type, subject = '', dueAt, attempts }: Waiting): string {
  return `${printable(`${dueAt}  ${eventId}  ${type}  ${subject}  attempts ${attempts}`)}\n`
}
