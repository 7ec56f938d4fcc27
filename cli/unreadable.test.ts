import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listDeadLetters } from './commands/dead-letters.ts'
import { trustHistory } from './commands/trust-history.ts'
import type { ApiClient } from './http/api-client.ts'
import { withUnreadable } from './unreadable.ts'

const unreadable = [{ id: 'row\u001b[2J', reason: 'database_row_invalid: state' }]
const stderr = 'row\\u{1b}[2J cannot be read: database_row_invalid: state\n'

/** A server that has one row which it cannot read, and nothing else. */
const client = (list: string, odd = unreadable): ApiClient =>
  ({ json: async () => ({ [list]: [], unreadable: odd }) }) as unknown as ApiClient

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

test('a list that lacks nothing exits 0, says nothing on standard error and has no such member', async () => {
  const whole = client('deadLetters', [])
  assert.deepEqual(await listDeadLetters(whole, {}), { stdout: '0 dead letters\n', exitCode: 0 })
  const { stdout = '', exitCode } = await listDeadLetters(whole, { json: true })
  assert.deepEqual([JSON.parse(stdout), exitCode], [{ deadLetters: [] }, 0])
})

test('what a command has said on standard error stays before it, one line for each row', () => {
  const two = [...unreadable, { id: 'b', reason: 'gone' }]
  const { stderr: said, exitCode } = withUnreadable({ stderr: 'slow\n', exitCode: 0 }, two)
  assert.deepEqual([said, exitCode], [`slow\n${stderr}b cannot be read: gone\n`, 7])
})
