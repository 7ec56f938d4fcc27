import { defined } from '@mmf/framework'
import type { ApiClient } from '../http/api-client.ts'
import type { CommandResult } from '../result.ts'
import { type Unreadable, unreadableMember, withUnreadable } from '../unreadable.ts'
import { printable } from './cert-text.ts'

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
  const letters: Letter[] = []
  const unreadable: Unreadable[] = []
  let cursor: string | undefined
  do {
    const query = new URLSearchParams({ limit: '100', ...defined({ cursor }) })
    const page: Page = await client.json('GET', `/platform/dead-letters?${query}`)
    letters.push(...page.deadLetters)
    unreadable.push(...(page.unreadable ?? []))
    cursor = page.cursor
  } while (cursor !== undefined)
  const stdout = json
    ? `${JSON.stringify({ deadLetters: letters, ...unreadableMember(unreadable) }, undefined, 2)}\n`
    : `${letters.map(line).join('')}${letters.length} dead letters\n`
  return withUnreadable({ stdout, exitCode: 0 }, unreadable)
}

function line({ eventId, subscriber, deadSince, attempts, lastError }: Letter): string {
  return `${printable(`${eventId} ${subscriber} since ${deadSince}, ${attempts} attempts, ${lastError}`)}\n`
}

export interface ChangeOptions {
  readonly eventId: string
  readonly subscriber: string
}

/** `mmf-cli events dead-letters replay` and `discard`. */
export async function changeDeadLetter(
  client: ApiClient,
  action: 'replay' | 'discard',
  { eventId, subscriber }: ChangeOptions,
): Promise<CommandResult> {
  await client.json('POST', `/platform/dead-letters/${action}`, { eventId, subscriber })
  const done = action === 'replay' ? 'is delivered again' : 'is given up'
  return { stdout: `${printable(`${eventId} ${subscriber} ${done}`)}\n`, exitCode: 0 }
}
