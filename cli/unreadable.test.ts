import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listDeadLetters } from './commands/dead-letters.ts'
import { trustHistory } from './commands/trust-history.ts'
import type { ApiClient } from './http/api-client.ts'

const unreadable = [{ id: 'row\u001b[2J', reason: 'database_row_invalid: state' }]
const stderr = 'row\\u{1b}[2J cannot be read: database_row_invalid: state\n'

/** A server that has one row which it cannot read, and nothing else. */
const client = (list: string): ApiClient => ({ json: async () => ({ [list]: [], unreadable }) }) as unknown as ApiClient

test('a list names on standard error what the server could not read, and exits 7', async () => {
  const letters = await listDeadLetters(client('deadLetters'), {})
  assert.deepEqual(letters, { stdout: '0 dead letters\n', stderr, exitCode: 7 })
  const history = await trustHistory(client('generations'), {})
  assert.deepEqual(history, { stdout: '', stderr, exitCode: 7 })
})

test('JSON has what could not be read, too', async () => {
  for (const { stdout = '', exitCode } of [
    await listDeadLetters(client('deadLetters'), { json: true }),
    await trustHistory(client('generations'), { json: true }),
  ]) {
    assert.deepEqual([JSON.parse(stdout).unreadable, exitCode], [unreadable, 7])
  }
})
