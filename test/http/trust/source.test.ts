import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { lambdaContext } from '../../../infra/local/lambda-context.ts'
import { functionOf } from '../../support/plugins.ts'
import { badSources, loopbackOnly, type SourceServer, serving, startSource } from '../support/source-server.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import {
  addAnchor,
  administrator,
  csca,
  generationOf,
  get,
  listSigner,
  masterList,
  reader,
  sha256,
} from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
let source: SourceServer
before(async () => {
  source = await startSource()
  marty = await startPlatform({
    env: {
      ...signingWith('ECDSA-SHA256'),
      ...loopbackOnly,
      MMF__plugins__marty__master_list_source_url: source.url,
      // The server that hangs: nothing else waits for it.
      MMF__plugins__marty__trust_anchor_timeout: '1',
      MMF__egress__max_bytes: '200000',
    },
  })
})
after(async () => {
  await marty.stop()
  await source.stop()
})

const path = '/v1/trust-anchors/master-lists/refresh'
const refresh = (body: object = {}, token = administrator(marty)) => marty.request('POST', path, { token, body })
const [home, second, third] = [csca('XA'), csca('XB'), csca('XC')]
const signer = listSigner(home, 'XA')
const list = (day: string, ...certificates: Uint8Array[]) =>
  masterList({ certificates, signer, signingTime: new Date(`${day}T12:00:00Z`) })

test('only a trust administrator may have it fetched', async () => {
  const { count } = source.seen
  assert.equal((await refresh({}, reader(marty))).status, 403)
  assert.equal(source.seen.count, count)
})

test('a list that is fetched is judged like one that is sent, and taken once', async () => {
  const first = list('2026-01-01', home.der, second.der)
  source.answer = serving(first, '"one"')
  const unknown = await refresh()
  assert.deepEqual([unknown.status, unknown.json.code], [422, 'master_list_untrusted'])
  assert.equal(await generationOf(marty), 0)
  assert.equal((await addAnchor(marty, home.der, { purposes: ['csca', 'master-list-signer'] })).status, 201)

  const imported = await refresh()

  assert.equal(imported.status, 201, imported.text)
  assert.deepEqual([imported.json.source, imported.json.sha256], ['127.0.0.1', sha256(first)])
  const generation = await generationOf(marty)
  assert.equal(imported.json.generation, generation)
  const lists = await get(marty, '/v1/trust-anchors/master-lists')
  assert.equal(lists.status, 200, lists.text)

  const again = await refresh()
  assert.deepEqual([again.status, again.json], [200, { unchanged: true }])
  assert.equal(source.seen.ifNoneMatch, '"one"')
  source.answer = serving(first)
  assert.deepEqual((await refresh()).json, { unchanged: true }, 'by its hash, where the server knows no ETag')
  assert.equal(await generationOf(marty), generation)
})

test('a newer list takes the place of the last one; an older one is refused and is asked for again', async () => {
  source.answer = serving(list('2026-02-01', home.der, second.der, third.der), '"two"')
  assert.equal((await refresh()).json.counts.added, 1)
  const generation = await generationOf(marty)
  source.answer = serving(list('2025-12-01', home.der), '"older"')
  for (const _ of [1, 2]) {
    const older = await refresh()
    assert.deepEqual([older.status, older.json.code], [409, 'master_list_older'])
    assert.equal(source.seen.ifNoneMatch, '"two"', 'what was refused is not remembered')
  }
  assert.equal(await generationOf(marty), generation)
})

test('a list that was sent before changes nothing', async () => {
  const sent = list('2026-03-01', home.der, third.der)
  const body = { masterList: Buffer.from(sent).toString('base64'), source: '127.0.0.1' }
  const manual = await marty.request('POST', '/v1/trust-anchors/master-lists', { token: administrator(marty), body })
  assert.equal(manual.status, 201, manual.text)
  source.answer = serving(sent)
  assert.deepEqual((await refresh()).json, { unchanged: true })
  assert.equal(await generationOf(marty), manual.json.generation)
})

test('the schedule fetches it too, as itself; what has no schedule cannot be reached this way', async () => {
  const handler = functionOf('trust_anchor').create(async () => marty.platform.http)
  const run = (operation: string) => handler({ mmf: 'schedule', operation }, lambdaContext(operation, 20_000))
  const sent = list('2026-04-01', home.der, second.der)
  source.answer = serving(sent)
  const generation = await generationOf(marty)

  await run('trust_anchor.poll_master_list')

  assert.equal(await generationOf(marty), generation + 1)
  const { json } = await get(marty, '/v1/trust-anchors/generations?limit=1')
  assert.equal(json.generations[0].principal, 'schedule:trust_anchor.poll_master_list')
  await run('trust_anchor.poll_master_list')
  await assert.rejects(run('trust_anchor.import_master_list'), { code: 'service_unknown' })
  await assert.rejects(run('trust_anchor.nothing'), { code: 'service_unknown' })
  assert.equal(await generationOf(marty), generation + 1)
})

for (const [name, code, answer] of [
  ...badSources,
  ['sends garbage', 'master_list_invalid', serving(Buffer.from('<html>not here</html>'))] as const,
]) {
  test(`a source that ${name}: ${code}, and the store is as it was`, async () => {
    const before = [await generationOf(marty), (await get(marty, '/v1/trust-anchors')).json]
    source.answer = answer
    // Without what is remembered nobody asks for less than the whole.
    const refused = await refresh({ force: true })
    assert.equal(refused.json.code, code, refused.text)
    assert.ok(refused.status >= 400)
    assert.deepEqual([await generationOf(marty), (await get(marty, '/v1/trust-anchors')).json], before)
  })
}

test('a source that breaks off and then is overloaded is asked again, and its list is taken in the same poll', async () => {
  const newer = list('2026-06-01', home.der, second.der, third.der)
  const answers: SourceServer['answer'][] = [
    (_request, response) => void response.destroy(),
    (_request, response) => void response.writeHead(503).end('later'),
    serving(newer),
  ]
  source.answer = (request, response) => answers.shift()?.(request, response)
  const { count } = source.seen

  const imported = await refresh()

  assert.equal(imported.status, 201, imported.text)
  assert.equal(source.seen.count, count + 3)
  const { text } = await marty.request('GET', '/metrics')
  assert.match(text, /^mmf_retries_total\{name="marty.trust_anchor.fetch_source",result="tried_again"\} \d+$/m)
})

test('a source that says no is not asked again', async () => {
  source.answer = (_request, response) => void response.writeHead(404).end()
  const { count } = source.seen
  assert.equal((await refresh()).json.code, 'egress_failed')
  assert.equal(source.seen.count, count + 1)
})
