import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DatabaseAdapter } from '@mmf/framework'
import { createRoot } from '../../../layer/pki/src/testing/index.ts'
import { directoryRow, fill, inDays } from '../../expiry/expiry-set.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { base64, reader } from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
/** Rows of the directory that queries have answered. */
let read = 0
const counting = (database: DatabaseAdapter): DatabaseAdapter => ({
  ...database,
  async query(table, query, options) {
    const page = await database.query(table, query, options)
    if (table.name === 'public_keys') read += page.rows.length
    return page
  },
})
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256'), wrap: { database: counting } })
  const { database } = marty.platform.http
  await fill(
    database as DatabaseAdapter,
    Array.from({ length: 1600 }, (_, i) => directoryRow(i, inDays(20_000))),
  )
})
after(() => marty.stop())

const list = async (query: string) => {
  read = 0
  const answer = await marty.request('GET', `/v1/pkd/certificates?${query}`, { token: reader(marty) })
  assert.equal(answer.status, 200, answer.text)
  return answer.json
}

test('a page looks at a thousand rows at the most, however few match, and the next one goes on', async () => {
  const first = await list('conformance=conforming&limit=100')
  assert.deepEqual(first.certificates, [])
  assert.equal(read, 1000)
  const second = await list(`conformance=conforming&limit=100&cursor=${encodeURIComponent(first.cursor)}`)
  assert.deepEqual([second, read], [{ certificates: [] }, 600])
})

test('of a large directory only what expires in time is read', async () => {
  const { der } = createRoot('C=UL, CN=CSCA').issue('C=UL, CN=DSC', {
    notAfter: new Date(Date.now() + 10 * 86_400_000),
  })
  const token = marty.token({ roles: ['pkd_administrator'] })
  await marty.request('POST', '/v1/pkd/certificates', { token, body: { certificate: base64(der) } })
  const soon = new Date(Date.now() + 30 * 86_400_000).toISOString()
  for (const query of [
    `expiresBefore=${soon}`,
    'expiringWithinDays=30',
    'expiringWithinDays=30&kind=dsc&status=published',
  ]) {
    const { certificates, cursor } = await list(query)
    assert.deepEqual([certificates.length, certificates[0].subject, cursor, read], [1, 'CN=DSC,C=UL', undefined, 1])
  }
})
