import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { put } from '@mmf/framework'
import { deliveryTable } from '@mmf/framework/embedded'
import { runCli } from '../../test/http/support/run-cli.ts'
import { signingWith, startPlatform, type TestPlatform } from '../../test/http/support/start-platform.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const letters = (role: string, ...args: string[]) => events(role, 'dead-letters', ...args)

const events = (role: string, ...args: string[]) =>
  runCli(['events', ...args], { env: { MARTY_URL: marty.url, MARTY_TOKEN: marty.token({ roles: [role] }) } })

test('an event is delivered again to every handler that failed on it; another one stays dead', async () => {
  const admin = 'platform_administrator'
  const event = { specversion: '1.0', type: 'toy.rang.v1', time: '2026-01-01T00:00:00.000Z', data: {} }
  const dead = { status: 'dead', queue: 'dead', attempts: 3, lastError: 'TypeError', dueAt: event.time } as const
  const rows = [
    ['e-3', 'ear'],
    ['e-3', 'eye'],
    ['e-4', 'ear'],
  ] as const
  for (const [eventId, subscriber] of rows) {
    const row = { ...dead, eventId, subscriber, event: JSON.stringify({ ...event, id: eventId }) }
    await marty.platform.http.database.write(put(deliveryTable, row))
  }
  const { code, stdout } = await events(admin, 'replay', 'e-3')
  assert.deepEqual([code, stdout], [0, 'e-3 ear is delivered again\ne-3 eye is delivered again\n'])
  assert.match((await events(admin, 'dead-letters')).stdout, /^e-4 ear .*\n1 dead letters\n$/)
  const again = await events(admin, 'replay', 'e-3')
  assert.deepEqual([again.code, /^dead_letter_not_found: /.test(again.stderr)], [1, true])
  assert.equal((await letters(admin, 'discard', 'e-4', 'ear')).code, 0)
})

test('dead letters are listed, one is replayed, one given up', async () => {
  const admin = 'platform_administrator'
  const subscriber = 'nobody:toy.rang.v1'
  const event = { specversion: '1.0', type: 'toy.rang.v1', time: '2026-01-01T00:00:00.000Z', data: {} }
  const dead = { subscriber, status: 'dead', queue: 'dead', attempts: 3, lastError: 'TypeError' } as const
  for (const [i, id] of ['e-1', 'e-2'].entries()) {
    const row = { ...dead, eventId: id, dueAt: `2026-01-01T00:00:0${i}.000Z`, event: JSON.stringify({ ...event, id }) }
    await marty.platform.http.database.write(put(deliveryTable, row))
  }

  const refused = await letters('auditor', 'list')
  assert.deepEqual([refused.code, /^role_missing: /.test(refused.stderr)], [3, true], refused.stderr)
  const listed = await letters(admin, 'list')
  assert.equal(
    listed.stdout,
    `e-1 ${subscriber} since 2026-01-01T00:00:00.000Z, 3 attempts, TypeError\ne-2 ${subscriber} since 2026-01-01T00:00:01.000Z, 3 attempts, TypeError\n2 dead letters\n`,
  )
  assert.equal((await letters(admin, 'replay', 'e-1', subscriber)).stdout, `e-1 ${subscriber} is delivered again\n`)
  assert.equal((await letters(admin, 'discard', 'e-2', subscriber)).stdout, `e-2 ${subscriber} is given up\n`)
  assert.deepEqual(JSON.parse((await letters(admin, 'list', '--json')).stdout), { deadLetters: [] })
  const gone = await letters(admin, 'discard', 'e-2', subscriber)
  assert.deepEqual([gone.code, /^not_found: /.test(gone.stderr)], [3, true], gone.stderr)
  assert.equal((await letters(admin, 'replay', 'e-1')).code, 2, 'a subscriber is needed')
})
