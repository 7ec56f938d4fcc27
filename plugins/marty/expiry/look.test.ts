import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { MartyTrustPKIPlugin, marty } from '@marty/plugin'
import { PluginManager } from '@mmf/framework'
import { createTestPlatform, type TestPlatform, testCall } from '@mmf/framework/testing'
import { outboxTable } from '../../../layer/framework/src/events/outbox.ts'
import { createRoot, testKey } from '../../../layer/pki/src/testing/index.ts'
import { sha256 } from '../../../test/http/trust-anchors.fixture.ts'

const day = 86_400_000
const begin = Date.UTC(2026, 0, 1)
const at = (days: number) => new Date(begin + days * day)
const valid = (days: number) => ({ notBefore: at(-1000), notAfter: at(days) })

let platform: TestPlatform
let plugin: MartyTrustPKIPlugin
beforeEach(async () => {
  platform = await createTestPlatform({
    plugins: [marty],
    configs: { marty: { signing_algorithms: ['ECDSA-SHA256'] } },
  })
  const manager = new PluginManager(platform)
  plugin = new MartyTrustPKIPlugin()
  await manager.loadPluginInstance(plugin, 'marty')
  await manager.startPlugin('marty')
})
afterEach(() => platform.close())

const call = () => testCall({ principal: { subject: 'admin', roles: ['trust_administrator', 'pkd_administrator'] } })
const store = () => plugin.getService('trust_anchor')
const directory = () => plugin.getService('pkd')
const base64 = (der: Uint8Array) => Buffer.from(der).toString('base64')

async function anchor(name: string, days: number): Promise<string> {
  const { der } = createRoot(`C=UT, CN=${name}`, valid(days))
  await store().addTrustAnchor({ certificate: base64(der), purposes: ['csca'] }, call())
  return sha256(der)
}

const issuer = createRoot('C=UT, CN=Issuer', valid(5000))
async function published(name: string, days: number): Promise<string> {
  const { der } = issuer.issue(`C=UT, CN=${name}`, { ...valid(days), key: testKey() })
  await directory().publishCertificate({ certificate: base64(der) }, call())
  return sha256(der)
}

interface Told {
  readonly fingerprint: string
  readonly threshold: number
  readonly daysRemaining: number
  readonly place: string
  readonly kind: string
}

async function told(): Promise<readonly Told[]> {
  const queues = Array.from({ length: 8 }, (_, index) => `pending-${index}`)
  const found: Told[] = []
  for (const partition of queues) {
    let cursor: string | undefined
    do {
      const page = await platform.database.query(outboxTable, {
        index: 'pending',
        partition,
        ...(cursor === undefined ? {} : { cursor }),
      })
      const events = page.rows.map(({ event }) => JSON.parse(event))
      found.push(...events.filter(({ type }) => type === 'marty.certificate_expiring.v1').map(({ data }) => data))
      cursor = page.cursor
    } while (cursor !== undefined)
  }
  return found
}

const toldOf = async (fingerprint: string) =>
  (await told()).filter(one => one.fingerprint === fingerprint).map(({ threshold }) => threshold)

test('an anchor is told of at each threshold, once, and after a pause only at the lowest', async () => {
  const id = await anchor('Ending', 100)
  const check = () => store().checkExpiry({}, call())
  assert.deepEqual(await check(), { told: 0, complete: true })
  platform.clock.set(at(10))
  assert.deepEqual(await check(), { told: 1, complete: true })
  assert.deepEqual(await check(), { told: 0, complete: true })
  platform.clock.set(at(86))
  assert.deepEqual(await check(), { told: 1, complete: true })
  platform.clock.set(at(100.5))
  await check()
  assert.deepEqual(
    (await toldOf(id)).sort((a, b) => b - a),
    [90, 15, 0],
  )
  const last = (await told()).find(({ threshold }) => threshold === 0)
  assert.deepEqual(last, {
    place: 'trust_store',
    fingerprint: id,
    subject: 'CN=Ending,C=UT',
    country: 'UT',
    kind: 'anchor',
    purposes: ['csca'],
    notAfter: at(100).toISOString(),
    daysRemaining: -1,
    threshold: 0,
  })
})

test('what is distrusted or withdrawn is not told of; a second standing of a certificate is no second certificate', async () => {
  const [kept, gone] = [await anchor('Kept', 20), await anchor('Gone', 20)]
  await store().distrustTrustAnchor({ anchorId: gone, reason: 'lost' }, call())
  await store().distrustTrustAnchor({ anchorId: kept, reason: 'by mistake' }, call())
  await store().restoreTrustAnchor({ anchorId: kept, reason: 'it was one' }, call())
  assert.deepEqual(await store().checkExpiry({}, call()), { told: 1, complete: true })
  const [here, withdrawn] = [await published('Here', 20), await published('Withdrawn', 20)]
  await directory().withdrawCertificate({ fingerprint: withdrawn, reason: 'lost' }, call())
  assert.deepEqual(await directory().checkExpiry({}, call()), { told: 1, complete: true })
  assert.deepEqual((await told()).map(({ fingerprint }) => fingerprint).sort(), [kept, here].sort())
})

test('two at once tell once; a look whose time is over goes on where it stopped', async () => {
  const ids: string[] = []
  for (let index = 0; index < 30; index += 1) ids.push(await published(`DSC ${index}`, 25))
  const late = () => directory().checkExpiry({}, testCall({ ...call(), deadline: Date.now() }))
  assert.equal((await late()).complete, false)
  for (let round = 0; round < 5; round += 1) await late()
  await Promise.all([directory().checkExpiry({}, call()), directory().checkExpiry({}, call())])
  while (!(await directory().checkExpiry({}, call())).complete);
  const found = await told()
  assert.deepEqual(found.map(({ fingerprint }) => fingerprint).sort(), ids.toSorted())
  assert.ok(found.every(({ threshold, place, kind }) => threshold === 30 && place === 'directory' && kind === 'dsc'))
})

test('more than fit into one transaction are told of, each once', async () => {
  const der = Array.from(
    { length: 200 },
    (_, index) => createRoot(`C=UT, CN=Many ${index}`, { ...valid(40), key: testKey() }).der,
  )
  for (const one of der) await store().addTrustAnchor({ certificate: base64(one), purposes: ['general'] }, call())
  assert.deepEqual(await store().checkExpiry({}, call()), { told: 200, complete: true })
  assert.equal(new Set((await told()).map(({ fingerprint }) => fingerprint)).size, 200)
})

test('the directory lists what ends before a moment, soonest first within its parts, without looking at the rest', async () => {
  for (const days of [10, 400, 20, 3000]) await published(`Ends in ${days}`, days)
  const { certificates } = await directory().listCertificates({ expiresBefore: at(30).toISOString() }, call())
  assert.deepEqual(certificates.map(({ subject }) => subject).sort(), ['CN=Ends in 10,C=UT', 'CN=Ends in 20,C=UT'])
})
