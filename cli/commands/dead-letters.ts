import { defined } from '@mmf/framework'
import { failure } from '../failure.ts'
import type { ApiClient } from '../http/api-client.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'
import { type Unreadable, unreadableMember, withUnreadable } from '../unreadable.ts'

interface Letter {
  readonly eventId: string
  readonly subscriber: string
  readonly type: string
  readonly deadSince: string
  readonly attempts: number
  readonly lastError: string
}

interface Page {
  readonly deadLetters: readonly Letter[]
  readonly unreadable?: readonly Unreadable[]
  readonly cursor?: string
}

/** `mmf-cli events dead-letters list`: all of them, the longest dead first. */
export async function listDeadLetters(client: ApiClient, { json = false }: { json?: boolean }): Promise<CommandResult> {
  const { letters, unreadable } = await allLetters(client)
  const stdout = json
    ? `${JSON.stringify({ deadLetters: letters, ...unreadableMember(unreadable) }, undefined, 2)}\n`
    : `${letters.map(line).join('')}${letters.length} dead letters\n`
  return withUnreadable({ stdout, exitCode: 0 }, unreadable)
}

/** `mmf-cli events replay EVENT`: every dead letter of one event. @throws {Failure} `dead_letter_not_found` */
export async function replayEvent(
  client: ApiClient,
  { eventId, json = false }: { readonly eventId: string; readonly json?: boolean },
): Promise<CommandResult> {
  const { letters, unreadable } = await allLetters(client)
  const own = letters.filter(letter => letter.eventId === eventId)
  if (own.length === 0) throw failure('dead_letter_not_found', `there is no dead letter of the event ${eventId}`)
  const replayed: object[] = []
  for (const { subscriber } of own) {
    replayed.push(await client.json<object>('POST', '/platform/dead-letters/replay', { eventId, subscriber }))
  }
  const stdout = json
    ? `${JSON.stringify({ replayed, ...unreadableMember(unreadable) }, undefined, 2)}\n`
    : own.map(({ subscriber }) => `${printable(`${eventId} ${subscriber} is delivered again`)}\n`).join('')
  return withUnreadable({ stdout, exitCode: 0 }, unreadable)
}

async function allLetters(client: ApiClient) {
  const letters: Letter[] = []
  const unreadable: Unreadable[] = []
  let cursor: string | undefined
  do {
    const query = new URLSearchParams({ limit: '100', ...defined({ cursor }) })
    const page: Page = await client.json('GET', `/platform/dead-letters?${query}`, undefined, {
      members: ['deadLetters'],
    })
    letters.push(...page.deadLetters)
    unreadable.push(...(page.unreadable ?? []))
    cursor = page.cursor
  } while (cursor !== undefined)
  return { letters, unreadable }
}

function line({ eventId, subscriber, deadSince, attempts, lastError }: Letter): string {
  return `${printable(`${eventId} ${subscriber} since ${deadSince}, ${attempts} attempts, ${lastError}`)}\n`
}

export interface ChangeOptions {
  readonly eventId: string
  readonly subscriber: string
  readonly json?: boolean
}

/** `mmf-cli events dead-letters replay` and `discard`. */
export async function changeDeadLetter(
  client: ApiClient,
  action: 'replay' | 'discard',
  { eventId, subscriber, json = false }: ChangeOptions,
): Promise<CommandResult> {
  const answer = await client.json('POST', `/platform/dead-letters/${action}`, { eventId, subscriber })
  if (json) return { stdout: `${JSON.stringify(answer, undefined, 2)}\n`, exitCode: 0 }
  const done = action === 'replay' ? 'is delivered again' : 'is given up'
  return { stdout: `${printable(`${eventId} ${subscriber} ${done}`)}\n`, exitCode: 0 }
}
