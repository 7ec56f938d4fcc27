import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { TestPlatform } from '@mmf/framework/testing'
import { outboxTable } from '../../../../layer/framework/src/events/outbox/outbox.ts'
import { uriPoint } from '../../../../layer/pki/src/testing/authority.ts'
import {
  createRoot,
  crlDistributionPoints,
  crlNumber,
  deltaCrlIndicator,
  freshestCrl,
  type IssuedCertificate,
  type MockAuthority,
  testKey,
} from '../../../../layer/pki/src/testing/index.ts'
import { startClockedValidation } from '../../../../test/http/support/clocked-validation.fixture.ts'
import { type OnlinePki, sends, startOnlinePki } from '../../../../test/http/support/online-pki.ts'
import { longLived } from '../../../../test/http/support/trust-anchors.fixture.ts'
import { fetchedEvidence } from '../tables/fetched-evidence.ts'
import { sourceOf } from './fetch.ts'

// The whole service over a clock that can be moved, real HTTP and real signatures.

const hour = 3_600_000
let server: OnlinePki
let platform: TestPlatform
let validate: (
  leaf: IssuedCertificate,
) => Promise<{ valid: boolean; codes: readonly string[]; outcome: string | undefined }>
let refresh: () => Promise<void>
let root: MockAuthority

before(async () => {
  server = await startOnlinePki('Clock')
})
after(() => server.close())

beforeEach(async () => {
  server.answers.clear()
  server.asked.clear()
  await platform?.close()
  root = createRoot('C=UT, O=Clock, CN=Root', longLived)
  const clocked = await startClockedValidation(root)
  platform = clocked.platform
  refresh = clocked.refresh
  validate = async leaf => {
    const { valid, codes, notes } = await clocked.validate(leaf)
    return { valid, codes, outcome: notes[0]?.outcome }
  }
})
after(() => platform.close())

const path = '/list.crl'
const url = () => `${server.origin}${path}`
const at = (hours: number) => new Date(platform.clock.now().getTime() + hours * hour)
const asked = () => server.asked.get(path) ?? 0
const row = () => platform.database.get(fetchedEvidence, { source: sourceOf({ kind: 'crl', url: url() }) })
const leafOf = (name: string) =>
  root.issue(`C=UT, O=Clock, CN=${name}`, {
    ...longLived,
    key: testKey(),
    extra: [crlDistributionPoints([uriPoint(url())])],
  })
/** A list of this moment that holds for so many hours. */
const list = (number: number, hours: number, revoked: readonly IssuedCertificate[] = [], by: MockAuthority = root) =>
  by.crl({
    thisUpdate: at(0),
    nextUpdate: at(hours),
    extensions: [crlNumber(number)],
    entries: revoked.map(({ serial }) => ({ serial: serial as number, revocationDate: at(0) })),
  })
const serve = (bytes: Uint8Array) => server.answers.set(path, sends(bytes))
const ago = (ms: number) => platform.clock.advance(ms)

async function staleEvents() {
  const queues = Array.from({ length: 8 }, (_, index) => `pending-${index}`)
  const pages = await Promise.all(
    queues.map(partition => platform.database.query(outboxTable, { index: 'pending', partition })),
  )
  const events = pages.flatMap(({ rows }) => rows.map(({ event }) => JSON.parse(event)))
  return events.filter(({ type }) => type === 'marty.crl_stale.v1')
}

test('a proven list is kept until its nextUpdate and asked for after it', async () => {
  const leaf = leafOf('Kept')
  serve(list(1, 48))
  assert.deepEqual(await validate(leaf), { valid: true, codes: [], outcome: 'fetched' })
  ago(47 * hour)
  assert.deepEqual(await validate(leaf), { valid: true, codes: [], outcome: 'kept' })
  assert.equal(asked(), 1)
  ago(2 * hour)
  serve(list(2, 48))
  assert.deepEqual(await validate(leaf), { valid: true, codes: [], outcome: 'fetched' })
  assert.equal(asked(), 2)
})

test('the schedule fetches ahead of time, so that an early list is known before the old one ends', async () => {
  const leaf = leafOf('Early')
  serve(list(1, 48))
  await validate(leaf)
  await refresh()
  assert.equal(asked(), 1, 'not due')
  ago(7 * hour)
  serve(list(2, 48, [leaf]))
  await refresh()
  assert.equal(asked(), 2)
  assert.deepEqual(await validate(leaf), { valid: false, codes: ['certificate_revoked'], outcome: 'kept' })
  await refresh()
  assert.equal(asked(), 2)
})

test('a list of another issuer in its place changes nothing: the proven one still serves', async () => {
  const leaf = leafOf('Forged')
  serve(list(1, 48))
  await validate(leaf)
  ago(7 * hour)
  const impostor = createRoot('C=UT, O=Clock, CN=Root', { ...longLived, key: testKey('p256', 'impostor') })
  serve(list(2, 1000, [leaf], impostor))
  await refresh()
  assert.notEqual((await row())?.latest?.sha256, (await row())?.proven?.sha256)
  assert.equal((await validate(leaf)).valid, true)
  ago(hour)
  serve(list(3, 48))
  assert.deepEqual(
    await validate(leaf),
    { valid: true, codes: [], outcome: 'fetched' },
    'what is not proven is asked for soon',
  )
})

test('an older list than the proven one is refused, and the proven one still serves', async () => {
  const leaf = leafOf('Older')
  const old = list(1, 2000)
  ago(hour)
  serve(list(2, 48, [leaf]))
  assert.equal((await validate(leaf)).valid, false)
  ago(7 * hour)
  serve(old)
  await refresh()
  assert.equal((await row())?.failure?.code, 'evidence_older')
  assert.deepEqual((await validate(leaf)).codes, ['certificate_revoked'])
})

test('a server that is gone: the last list serves until it ends, then nothing is valid, and one event says so', async () => {
  const leaf = leafOf('Gone')
  serve(list(1, 10))
  await validate(leaf)
  server.answers.clear()
  ago(7 * hour)
  await refresh()
  assert.deepEqual([asked(), (await row())?.failure?.code], [2, 'status_404'])
  assert.equal((await validate(leaf)).valid, true)
  assert.deepEqual(await staleEvents(), [])
  ago(7 * hour)
  const gauge = () => platform.observability.counts.get('marty_pki_stale_fetched_crls{}')
  await refresh()
  assert.equal(gauge(), 1)
  ago(hour / 4)
  await refresh()
  assert.equal(gauge(), 1)
  const [event, ...more] = await staleEvents()
  assert.deepEqual([event?.data.url, event?.data.issuer, more.length], [url(), 'CN=Root,O=Clock,C=UT', 0])
  const late = await validate(leaf)
  assert.deepEqual([late.valid, late.codes.includes('revocation_undetermined')], [false, true])
  serve(list(2, 10))
  ago(hour)
  assert.equal((await validate(leaf)).valid, true)
  assert.equal((await row())?.staleSince, undefined)
})

test('who has failed is asked again after a pause that grows', async () => {
  const leaf = leafOf('Failing')
  await validate(leaf)
  await validate(leaf)
  assert.equal(asked(), 1)
  ago(61_000)
  await validate(leaf)
  assert.equal(asked(), 2)
  ago(61_000)
  await validate(leaf)
  assert.equal(asked(), 2, 'the second pause is longer')
  ago(61_000)
  serve(list(1, 10))
  assert.equal((await validate(leaf)).valid, true)
})

test('what the server still has costs it no body; what is not used is not fetched by schedule', async () => {
  const leaf = leafOf('Unused')
  const bytes = list(1, 24 * 365)
  let bodies = 0
  server.answers.set(path, (request, response) => {
    if (request.headers['if-none-match'] === '"one"') return void response.writeHead(304).end()
    bodies += 1
    response.writeHead(200, { etag: '"one"' }).end(bytes)
  })
  await validate(leaf)
  ago(7 * hour)
  await refresh()
  assert.deepEqual([asked(), bodies], [2, 1])
  ago(40 * 24 * hour)
  await refresh()
  assert.deepEqual([asked(), (await row())?.refreshAt], [2, undefined])
  assert.deepEqual(await validate(leaf), { valid: true, codes: [], outcome: 'kept' })
})

test('a delta CRL is fetched from where the list says', async () => {
  const leaf = leafOf('Delta')
  serve(
    root.crl({
      thisUpdate: at(0),
      nextUpdate: at(48),
      extensions: [crlNumber(1), freshestCrl([uriPoint(`${server.origin}/delta.crl`)])],
    }),
  )
  server.answers.set(
    '/delta.crl',
    sends(
      root.crl({
        thisUpdate: at(0),
        nextUpdate: at(1),
        extensions: [crlNumber(2), deltaCrlIndicator(1)],
        entries: [{ serial: leaf.serial as number, revocationDate: at(-1) }],
      }),
    ),
  )
  assert.deepEqual((await validate(leaf)).codes, ['certificate_revoked'])
})

test('after the pause that follows a failure one call asks the server again; however it hangs, the others go on with what is there', {
  timeout: 20_000,
}, async () => {
  const leaf = leafOf('Hanging')
  server.answers.set(path, (_request, response) => void response.writeHead(503).end())
  assert.equal((await validate(leaf)).valid, false)
  ago(2 * 60_000)
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const bytes = list(1, 48)
  server.answers.set(path, (_request, response) => void released.then(() => response.writeHead(200).end(bytes)))
  const { promise: enough, resolve: othersAreDone } = Promise.withResolvers<void>()
  const answers: { valid: boolean; outcome: string | undefined }[] = []
  const calls = Array.from({ length: 5 }, async () => {
    answers.push(await validate(leaf))
    if (answers.length === 4) othersAreDone()
  })
  await enough
  assert.deepEqual(
    answers.map(({ valid, outcome }) => [valid, outcome]),
    Array.from({ length: 4 }, () => [false, 'kept']),
  )
  release()
  await Promise.all(calls)
  assert.deepEqual([asked(), answers[4]?.valid, answers[4]?.outcome], [2, true, 'fetched'])
})
