import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { put } from '@mmf/framework'
import { createEvents } from '@mmf/framework/embedded'
import { lambdaContext } from '../../../infra/local/lambda-context.ts'
import { createRoot, type MockAuthority, testKey } from '../../../layer/pki/src/testing/index.ts'
import { expiryLookContinued } from '../../../plugins/marty/certificates/events/expiry-look-continued.ts'
import { expiryLooks } from '../../../plugins/marty/certificates/tables/expiry-looks.ts'
import { functionOf } from '../../support/plugins.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'
import { addAnchor, administrator, base64, importList, listSigner, masterList, reader, sha256 } from '../support/trust-anchors.fixture.ts' // biome-ignore format: one line

const day = 86_400_000
const env = signingWith('ECDSA-SHA256')
/** Half a day away from each threshold, so that the time the tests take does not count. */
const inDays = (days: number) => new Date(Math.floor(Date.now() / 1000) * 1000 + days * day - day / 2)

const anchorUntil = (country: string, days: number, name = 'CSCA'): MockAuthority =>
  createRoot(`C=${country}, O=State, CN=${name}`, {
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: inDays(days),
  })

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env })
})
after(() => marty.stop())

const directoryAdministrator = (on = marty) =>
  on.token({ subject: 'pkd-1', roles: ['pkd_administrator'], permissions: [] })
const lookAtStore = (on = marty) =>
  on.request('POST', '/v1/trust-anchors/expiries/check', { token: administrator(on), body: {} })
const lookAtDirectory = (on = marty) =>
  on.request('POST', '/v1/pkd/expiries/check', { token: directoryAdministrator(on), body: {} })
const publish = (der: Uint8Array, on = marty) =>
  on.request('POST', '/v1/pkd/certificates', { token: directoryAdministrator(on), body: { certificate: base64(der) } })

const told = (dataDirectory: string, der?: Uint8Array) =>
  storedRows(dataDirectory, 'outbox')
    .map(row => JSON.parse(row.event))
    .filter(({ type }) => type === 'marty.certificate_expiring.v1')
    .filter(({ subject }) => der === undefined || subject === sha256(der))

test('an anchor that expires is published once, with all that is known of it', async () => {
  const anchor = anchorUntil('UA', 60)
  await addAnchor(marty, anchor.der, { purposes: ['csca', 'master-list-signer'] })
  await addAnchor(marty, anchorUntil('UA', 92, 'CSCA later').der)

  const first = await lookAtStore()

  assert.equal(first.status, 200, first.text)
  assert.deepEqual(first.json, { told: 1, complete: true })
  assert.deepEqual((await lookAtStore()).json, { told: 0, complete: true })
  const [event, ...more] = told(marty.dataDirectory)
  assert.deepEqual(more, [])
  assert.equal(event.source, '/plugins/marty/services/trust_anchor')
  assert.deepEqual(event.data, {
    fingerprint: sha256(anchor.der),
    subject: 'CN=CSCA,O=State,C=UA',
    country: 'UA',
    place: 'trust_store',
    kind: 'anchor',
    purposes: ['csca', 'master-list-signer'],
    notAfter: event.data.notAfter,
    daysRemaining: 60,
    threshold: 60,
  })
  assert.ok(Math.abs(Date.parse(event.data.notAfter) - inDays(60).getTime()) < day / 4)
})

test('a link certificate is published; what is distrusted, in quarantine or no longer listed is not, until it is restored', async () => {
  const soon = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: inDays(5) }
  const home = createRoot('C=UB, O=State, CN=CSCA', { ...soon, key: testKey('p256', 'home') })
  const next = createRoot('C=UB, O=State, CN=CSCA', { ...soon, key: testKey('p256', 'next') })
  const link = home.subordinate('C=UB, O=State, CN=CSCA', { ...soon, key: next.key, pathLength: 0 })
  const dropped = anchorUntil('UB', 5, 'CSCA dropped')
  const distrusted = anchorUntil('UB', 5, 'CSCA distrusted')
  const quarantined = home.issue('C=UB, O=State, CN=no CA', soon)
  const signer = listSigner(home, 'UB', soon)
  const list = (month: string, certificates: readonly Uint8Array[]) =>
    masterList({ certificates, signer, signingTime: new Date(`2026-${month}-01T00:00:00Z`) })
  const kept = [home.der, link.der, distrusted.der, quarantined.der]
  const source = { source: 'UB', trustedSigner: sha256(home.der) }
  const imports = [list('01', [...kept, dropped.der]), list('02', kept)]
  for (const one of imports) assert.equal((await importList(marty, one, source)).status, 201)
  const change = (what: string) =>
    marty.request('POST', `/v1/trust-anchors/${sha256(distrusted.der)}/${what}`, {
      token: administrator(marty),
      body: { reason: 'a test' },
    })
  assert.equal((await change('distrust')).status, 200)

  assert.equal((await lookAtStore()).json.told, 2)

  const one = (der: Uint8Array) => told(marty.dataDirectory, der).map(({ data }) => [data.kind, data.threshold])
  assert.deepEqual([one(home.der), one(link.der)], [[['anchor', 7]], [['link', 7]]])
  assert.equal('purposes' in told(marty.dataDirectory, link.der)[0].data, false)
  assert.deepEqual(
    [distrusted, dropped, quarantined].flatMap(({ der }) => one(der)),
    [],
  )
  assert.equal((await change('restore')).status, 200)
  assert.deepEqual((await lookAtStore()).json, { told: 1, complete: true })
  assert.deepEqual(one(distrusted.der), [['anchor', 7]])
})

test('certificates of the directory are published by themselves, also where they have just expired; not those that are withdrawn', async () => {
  const csca = anchorUntil('UC', 400)
  const dates = { notBefore: new Date('2020-01-01T00:00:00Z') }
  const issue = (name: string, days: number) => csca.issue(`C=UC, CN=${name}`, { ...dates, notAfter: inDays(days) }).der
  const [soon, expired, long, withdrawn, later] = [
    issue('soon', 15), issue('expired', -1), issue('long ago', -30), issue('withdrawn', 15), issue('later', 200),
  ] // biome-ignore format: a table
  for (const der of [soon, expired, long, withdrawn, later]) assert.equal((await publish(der)).status, 201)
  await marty.request('POST', `/v1/pkd/certificates/${sha256(withdrawn)}/withdraw`, {
    token: directoryAdministrator(),
    body: { reason: 'a test' },
  })

  assert.deepEqual((await lookAtDirectory()).json, { told: 2, complete: true })

  const [event] = told(marty.dataDirectory, soon)
  const { notAfter, ...data } = event.data
  assert.deepEqual([event.source, data], ['/plugins/marty/services/pkd', {
    fingerprint: sha256(soon), subject: 'CN=soon,C=UC', country: 'UC', place: 'public_key_directory', kind: 'dsc',
    daysRemaining: 15, threshold: 15,
  }]) // biome-ignore format: one event
  const [over] = told(marty.dataDirectory, expired)
  assert.deepEqual([over.data.threshold, over.data.daysRemaining], [0, -1])
  // The same certificate in the trust store is told of there too.
  await addAnchor(marty, anchorUntil('UC', 15, 'CSCA in both').der)
  await publish(anchorUntil('UC', 15, 'CSCA in both').der)
  assert.deepEqual([(await lookAtStore()).json.told, (await lookAtDirectory()).json.told], [1, 1])
})

test('only administrators ask for a look', async () => {
  for (const path of ['/v1/trust-anchors/expiries/check', '/v1/pkd/expiries/check']) {
    assert.equal((await marty.request('POST', path, { body: {} })).status, 401)
    assert.equal((await marty.request('POST', path, { token: reader(marty), body: {} })).status, 403)
  }
})

test('two looks at once tell once', async () => {
  for (let i = 0; i < 40; i += 1) await addAnchor(marty, anchorUntil('UD', 7, `CSCA ${i}`).der)
  const both = await Promise.all([lookAtStore(), lookAtStore()])
  assert.deepEqual(both.map(({ status, json }) => [status, json.complete]), [[200, true], [200, true]]) // biome-ignore format: one line
  assert.equal(both[0].json.told + both[1].json.told, 40)
  const subjects = told(marty.dataDirectory).filter(({ data }) => data.country === 'UD').map(({ subject }) => subject) // biome-ignore format: one line
  assert.deepEqual([subjects.length, new Set(subjects).size], [40, 40])
})

test('schedules look too', async () => {
  const platform = async () => marty.platform.http
  const anchor = anchorUntil('UH', 1)
  await addAnchor(marty, anchor.der)
  await publish(anchor.der)
  const places = () => told(marty.dataDirectory, anchor.der).map(({ data }) => `${data.place} ${data.threshold}`)
  for (const [create, operation, place] of [
    [functionOf('trust_anchor').create, 'trust_anchor.watch_expiries', 'trust_store'],
    [functionOf('pkd').create, 'pkd.watch_expiries', 'public_key_directory'],
  ] as const) {
    const run = () => create(platform)({ mmf: 'schedule', operation }, lambdaContext(operation, 20_000))
    await run()
    await run()
    assert.deepEqual(
      places().filter(one => one.startsWith(place)),
      [`${place} 1`],
    )
  }
  assert.equal(places().length, 2)
})

test('a look that was not finished goes on by its event, in the service that it belongs to', async () => {
  const { database, clock, ids } = marty.platform.http
  const anchor = anchorUntil('UG', 3)
  await addAnchor(marty, anchor.der)
  await publish(anchor.der)
  const notAfter = { from: inDays(0).toISOString(), until: inDays(91).toISOString() }
  for (const [place, service] of [
    ['trust_store', 'trust_anchor'],
    ['public_key_directory', 'pkd'],
  ] as const) {
    const row = {
      place,
      revision: 1,
      look: { lookId: `of ${place}`, step: 3, startedAt: inDays(0).toISOString(), ...notAfter },
    }
    const events = createEvents({ plugin: 'marty', service, clock, ids })
    const data = { place, lookId: row.look.lookId, step: 3 }
    const stale = { ...data, step: 2 }
    await database.transaction([
      put(expiryLooks, row),
      ...[stale, data].map(one => events.outbox(expiryLookContinued, one, { correlationId: 'c-1' })),
    ])
    while ((await database.get(expiryLooks, { place }))?.look !== undefined) {
      marty.relay.wake()
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    assert.equal((await database.get(expiryLooks, { place }))?.since, row.look.startedAt)
  }
  const places = told(marty.dataDirectory, anchor.der).map(({ source, data }) => [source, data.place, data.threshold])
  assert.deepEqual(places.sort(), [
    ['/plugins/marty/services/pkd', 'public_key_directory', 3],
    ['/plugins/marty/services/trust_anchor', 'trust_store', 3],
  ])
})

test('the lists filter by the days until they expire, together with other filters, page by page', async () => {
  const csca = anchorUntil('UE', 800)
  await addAnchor(marty, csca.der)
  const ends = [-3, 10, 20, 25, 40, 200]
  for (const days of ends) await addAnchor(marty, anchorUntil('UE', days, `CSCA ${days}`).der)
  const dates = { notBefore: new Date('2020-01-01T00:00:00Z') }
  for (const days of ends) await publish(csca.issue(`C=UE, CN=DSC ${days}`, { ...dates, notAfter: inDays(days) }).der)
  const list = async (path: string, limit: number): Promise<readonly { subject: string }[]> => {
    const found: { subject: string }[] = []
    let cursor = ''
    do {
      const answer = await marty.request('GET', `${path}&limit=${limit}${cursor}`, { token: reader(marty) })
      assert.equal(answer.status, 200, answer.text)
      found.push(...(answer.json.anchors ?? answer.json.certificates))
      cursor = answer.json.cursor === undefined ? '' : `&cursor=${encodeURIComponent(answer.json.cursor)}`
    } while (cursor !== '')
    return found
  }
  const named = async (path: string, limit = 2) =>
    (await list(path, limit)).map(({ subject }) => subject.split(',')[0]).sort()
  const anchors = '/v1/trust-anchors?expiringWithinDays=30&country=UE&status=trusted&purpose=csca'
  assert.deepEqual(await named(anchors), ['CN=CSCA 10', 'CN=CSCA 20', 'CN=CSCA 25'])
  const within = ['CN=DSC 10', 'CN=DSC 20', 'CN=DSC 25']
  const directory = '/v1/pkd/certificates?kind=dsc&status=published'
  assert.deepEqual(await named(`${directory}&country=UE&expiringWithinDays=30`), within)
  const everywhere = (await list(`${directory}&expiringWithinDays=30`, 1)).filter(({ subject }) =>
    subject.endsWith('C=UE'),
  )
  assert.deepEqual(everywhere.map(({ subject }) => subject.split(',')[0]).sort(), within)
  const over = (await list(`${directory}&expiresBefore=${new Date().toISOString()}`, 1)).filter(({ subject }) =>
    subject.endsWith('C=UE'),
  )
  assert.deepEqual(
    over.map(({ subject }) => subject),
    ['CN=DSC -3,C=UE'],
  )
  const both = `${directory}&expiringWithinDays=30&expiresBefore=${inDays(15).toISOString()}&country=UE`
  assert.deepEqual(await named(both), ['CN=DSC 10'])
  for (const wrong of ['expiringWithinDays=30&cursor=001-0.', 'expiringWithinDays=30&cursor=1~none.']) {
    const answer = await marty.request('GET', `/v1/pkd/certificates?${wrong}`, { token: reader(marty) })
    assert.equal(answer.json.code, 'cursor_invalid')
  }
  assert.equal(
    (await marty.request('GET', '/v1/pkd/certificates?expiringWithinDays=-1', { token: reader(marty) })).status,
    422,
  )
})

test('a database from before is opened and looked through; nothing is published again after a restart', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'marty-expiry-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const dataDirectory = join(folder, 'data')
  const anchor = anchorUntil('UF', 10)
  const first = await startPlatform({ dataDirectory, env })
  await addAnchor(first, anchor.der)
  await publish(anchor.der, first)
  await first.stop()
  asBefore(dataDirectory)

  const second = await startPlatform({ dataDirectory, env })
  assert.deepEqual(
    [(await lookAtStore(second)).json, (await lookAtDirectory(second)).json],
    Array(2).fill({ told: 1, complete: true }),
  )
  await second.stop()

  const third = await startPlatform({
    dataDirectory,
    env: { ...env, MMF__plugins__marty__certificate_expiry_warning_days: '[5, 12]' },
  })
  assert.deepEqual((await lookAtStore(third)).json, { told: 1, complete: true })
  assert.deepEqual((await lookAtStore(third)).json, { told: 0, complete: true })
  await third.stop()
  const places = told(dataDirectory, anchor.der).map(({ data }) => `${data.place} ${data.threshold}`)
  assert.deepEqual(places.sort(), ['public_key_directory 15', 'trust_store 12', 'trust_store 15'])
})

/** Takes away what a version without this had not: the indexes, and the tables. */
function asBefore(dataDirectory: string): void {
  const connection = new DatabaseSync(join(dataDirectory, 'data.sqlite'))
  try {
    for (const table of ['public_keys', 'trust_entries']) {
      const { definition } = connection.prepare('SELECT definition FROM mmf_tables WHERE name = ?').get(table) as {
        definition: string
      }
      const known = JSON.parse(definition)
      const indexes = known.indexes.filter(([name]: readonly [string]) => name !== 'by_expiry')
      assert.equal(indexes.length, known.indexes.length - 1)
      connection.exec(`DROP INDEX "i_${table}_by_expiry"; ALTER TABLE "t_${table}" DROP COLUMN "k_notAfter"`)
      connection
        .prepare('UPDATE mmf_tables SET definition = ? WHERE name = ?')
        .run(JSON.stringify({ ...known, indexes }), table)
    }
    for (const table of ['expiry_notices', 'expiry_looks']) {
      connection.exec(`DROP TABLE "t_${table}"; DELETE FROM mmf_tables WHERE name = '${table}'`)
    }
  } finally {
    connection.close()
  }
}
