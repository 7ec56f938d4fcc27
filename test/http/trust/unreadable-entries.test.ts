import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { trustList } from '../../../cli/commands/trust-list.ts'
import { createApiClient } from '../../../cli/http/api-client.ts'
import { createProgress } from '../../../cli/http/progress.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { rewriteRow, storedRows } from '../support/stored-rows.ts'
import {
  addAnchor,
  administrator,
  csca,
  get,
  judge,
  longLived,
  reader,
  sha256,
} from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  for (const one of [distrusted, damaged, whole]) assert.equal((await addAnchor(marty, one.der)).status, 201)
  const path = `/v1/trust-anchors/${sha256(distrusted.der)}/distrust`
  const body = { reason: 'its key was stolen' }
  assert.equal((await marty.request('POST', path, { token: administrator(marty), body })).status, 200)
})
after(() => marty.stop())

const [distrusted, damaged, whole] = [csca('UT'), csca('UT', 2), csca('UU')]

/** Damages the newest version of an entry and answers how it is named. */
function damage(fingerprint: string): string {
  const versions = storedRows(marty.dataDirectory, 'trust_entries').filter(row => row.fingerprint === fingerprint)
  const { region, version } = versions.toSorted((a, b) => b.generation - a.generation)[0]
  rewriteRow(marty.dataDirectory, 'trust_entries', { region, version }, row => ({ ...row, status: 'secret' }))
  return `${region}/${version}`
}

const anchorsOf = (answer: { json: { anchors: { anchorId: string }[] } }) =>
  answer.json.anchors.map(({ anchorId }) => anchorId)

test('an entry of the trust store that cannot be read is named in the list, hides no other, and no older version is shown', async () => {
  const unreadable = [sha256(distrusted.der), sha256(damaged.der)]
    .toSorted()
    .map(fingerprint => ({ id: damage(fingerprint), reason: 'database_row_invalid: status' }))
  const list = await get(marty, '/v1/trust-anchors')
  assert.equal(list.status, 200, list.text)
  assert.deepEqual(anchorsOf(list), [sha256(whole.der)])
  assert.deepEqual(list.json.unreadable, unreadable)
  assert.deepEqual((await get(marty, '/v1/trust-anchors/quarantine')).json.unreadable, unreadable)

  const paged: string[] = []
  for (let cursor = ''; ; ) {
    const page = await get(marty, `/v1/trust-anchors?limit=1${cursor}`)
    const { anchors, unreadable: odd = [], cursor: next } = page.json
    paged.push(...anchors.map((one: { anchorId: string }) => one.anchorId), ...odd.map((one: { id: string }) => one.id))
    if (next === undefined) break
    cursor = `&cursor=${next}`
  }
  assert.deepEqual(paged, [...unreadable.map(({ id }) => id), sha256(whole.der)])

  const { json } = await get(marty, '/v1/trust-anchors/generations')
  const third = json.generations.find((one: { generation: number }) => one.generation === 3).activatedAt
  const earlier = await get(marty, `/v1/trust-anchors?asOf=${third}&country=UT`)
  assert.deepEqual(anchorsOf(earlier), [sha256(distrusted.der)], 'what was in force then can be read')
  assert.deepEqual(
    earlier.json.unreadable,
    unreadable.filter(({ id }) => id.includes(sha256(damaged.der))),
  )
  const metrics = await marty.request('GET', '/metrics')
  assert.match(metrics.text, /^mmf_unreadable_rows_total [1-9]\d*$/m)
})

test('a verdict that needs the entry is refused, while others are given', async () => {
  const leaf = distrusted.issue('C=UT, O=State, CN=DSC', longLived).der
  const refused = await judge(marty, leaf, { profile: 'icao-dsc' })
  assert.deepEqual([refused.status, refused.json.code], [500, 'database_row_invalid'])
  const given = await judge(marty, whole.issue('C=UU, O=State, CN=DSC', longLived).der, { profile: 'icao-dsc' })
  assert.equal(given.status, 200, given.text)
})

test('an entry whose certificate cannot be read is named by its fingerprint', async () => {
  const fingerprint = sha256(whole.der)
  rewriteRow(marty.dataDirectory, 'trust_certificates', { fingerprint }, row => ({ ...row, subject: 1 }))
  const list = await get(marty, '/v1/trust-anchors?country=UU')
  assert.deepEqual([list.status, list.json.anchors], [200, []], list.text)
  assert.deepEqual(list.json.unreadable, [{ id: fingerprint, reason: 'database_row_invalid: subject' }])
})

test('the list from the shell names what cannot be read, and exits 7', async () => {
  const client = createApiClient({ url: marty.url, token: reader(marty) })
  const silent = createProgress({ write: () => {} })
  const text = await trustList(client, { country: 'UU' }, silent)
  assert.deepEqual(text, {
    stdout: 'generation 4: 0 entries\n',
    stderr: `${sha256(whole.der)} cannot be read: database_row_invalid: subject\n`,
    exitCode: 7,
  })
  const json = await trustList(client, { country: 'UU', json: true }, silent)
  assert.deepEqual([JSON.parse(json.stdout ?? '').unreadable.length, json.exitCode], [1, 7])
})
