import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRoot } from '../../../layer/pki/src/testing/index.ts'
import { dscRecord, imported } from '../support/pkd-directory.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

let marty: TestPlatform
let administrator: string
before(async () => {
  const env = { ...signingWith('ECDSA-SHA256'), MMF__plugins__marty__pkd_uploads_per_hour: '3' }
  marty = await startPlatform({ env })
  administrator = marty.token({ subject: 'admin-1', roles: ['pkd_administrator'], permissions: [] })
})
after(() => marty.stop())

const csca = createRoot('C=UT, O=Utopia, CN=CSCA Utopia')

test('an LDIF of empty records is done in few steps, keeps 1,000 of them, counts the others, and takes what lies behind', async () => {
  const records = 10_000
  const { der } = csca.issue('C=UT, CN=DSC behind')
  const ldif = `version: 1\n\n${'dn: c=UT\n\n'.repeat(records)}${dscRecord(der)}`
  const before = storedRows(marty.dataDirectory, 'outbox').length

  const done = await imported(marty, administrator, { ldif })

  const { state, processed, added, quarantined, quarantineOmitted, position } = done.json
  assert.deepEqual(
    { state, processed, added, quarantined, quarantineOmitted, position },
    {
      state: 'completed',
      processed: records + 1,
      added: 1,
      quarantined: records,
      quarantineOmitted: records - 1000,
      position: Buffer.byteLength(ldif),
    },
  )
  const kept = storedRows(marty.dataDirectory, 'pkd_quarantine').filter(({ jobId }) => jobId === done.json.jobId)
  assert.equal(kept.length, 1000)
  const steps = storedRows(marty.dataDirectory, 'outbox')
    .slice(before)
    .filter(({ event }) => JSON.parse(event).type.includes('pkd_import_continued'))
  assert.ok(steps.length <= 3, `${steps.length} steps`)
})

test('uploads have a quota for each principal: 429 with the time to wait', async () => {
  const upload = (token: string) => marty.request('POST', '/v1/pkd/uploads', { token, body: { size: 10 } })
  const answers = await Promise.all(Array.from({ length: 5 }, () => upload(administrator)))
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 201, 201, 429, 429])
  const refused = answers.find(({ status }) => status === 429)
  assert.equal(refused?.json.code, 'quota_exceeded')
  const wait = Number(refused?.headers.get('retry-after'))
  assert.ok(wait >= 1 && wait <= 3600, `${wait}`)
  const other = marty.token({ subject: 'admin-2', roles: ['pkd_administrator'], permissions: [] })
  assert.equal((await upload(other)).status, 201)
})
