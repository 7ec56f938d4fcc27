import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { insert } from '@mmf/framework'
import { outboxTable, pendingRow } from '../../../layer/framework/src/events/outbox/outbox.ts'
import { runCli } from '../support/run-cli.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const administrator = () => marty.token({ roles: ['platform_administrator'], permissions: [] })
const list = (query = '', token = administrator()) => marty.request('GET', `/platform/events${query}`, { token })

/** An event that is due in an hour: the relay of the platform takes at once what is due. */
async function keepWaiting(number: number): Promise<string> {
  const id = `0196f3a2-6c1f-7c0e-a1b5-0d5b6f2f9c1${number}`
  const event = {
    specversion: '1.0',
    id,
    source: '/plugins/marty/services/document_signer',
    type: 'marty.document_signed.v1',
    time: new Date().toISOString(),
    subject: `signature-${number}`,
    data: { principal: 'signer-1' },
  }
  const row = pendingRow(id, new Date(Date.now() + 3_600_000 + number).toISOString(), JSON.stringify(event))
  await marty.platform.http.database.write(insert(outboxTable, row))
  return `signature-${number}`
}

test('events that wait are listed for platform administrators, without their data', async () => {
  const subjects = [await keepWaiting(1), await keepWaiting(2), await keepWaiting(3)]
  assert.equal((await list('', marty.token())).status, 403)
  const all = await list()
  assert.equal(all.status, 200, all.text)
  const { events, more } = all.json
  assert.equal(more, false)
  assert.deepEqual(
    events.map(({ type, subject, attempts }: Record<string, unknown>) => [type, subject, attempts]),
    subjects.map(subject => ['marty.document_signed.v1', subject, 0]),
  )
  assert.ok(!all.text.includes('"data"') && !all.text.includes('principal'), all.text)
  const first = await list('?limit=1')
  assert.deepEqual([first.json.events, first.json.more], [[events[0]], true])
  assert.equal((await list('?limit=101')).json.code, 'validation_failed')

  const shown = await runCli(['events', 'list', '--url', marty.url], { env: { MARTY_TOKEN: administrator() } })
  assert.equal(shown.code, 0, shown.stderr)
  assert.match(shown.stdout, /marty\.document_signed\.v1.*\n.*\n.*\n3 events wait\n$/)
})
