import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { toPem } from '@mmf/pki'
import { lambdaContext } from '../../../infra/local/lambda-context.ts'
import { createRoot } from '../../../layer/pki/src/testing/index.ts'
import { functionOf } from '../../support/plugins.ts'
import { crlRecord, dscRecord, finished, sha256, tree } from '../support/pkd-directory.ts'
import { badSources, loopbackOnly, type SourceServer, serving, startSource } from '../support/source-server.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'
import { csca, listSigner, masterList } from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
let source: SourceServer
let administrator: string
before(async () => {
  source = await startSource()
  marty = await startPlatform({
    env: {
      ...signingWith('ECDSA-SHA256'),
      ...loopbackOnly,
      MMF__plugins__marty__pkd_source_url: source.url,
      MMF__egress__timeout_seconds: '1',
      MMF__egress__max_bytes: '200000',
    },
  })
  administrator = marty.token({ subject: 'admin-1', roles: ['pkd_administrator'], permissions: [] })
})
after(async () => {
  await marty.stop()
  await source.stop()
})

const refresh = (body: object = {}, token = administrator) => marty.request('POST', '/v1/pkd/refresh', { token, body })
const get = (path: string) => marty.request('GET', path, { token: administrator })
const imports = async () => (await get('/v1/pkd/imports')).json.imports.length

const root = createRoot('C=UT, O=Utopia, CN=CSCA Utopia')
const dsc = root.issue('C=UT, O=Utopia, CN=DSC 1').der
const crl = root.crl({ entries: [{ serial: 99 }] })

async function taken(content: Uint8Array) {
  source.answer = serving(content)
  const started = await refresh()
  assert.equal(started.status, 202, started.text)
  const { json } = await finished(marty, administrator, started.json.jobId)
  const { state, added, quarantined, source: from } = json
  assert.deepEqual({ state, quarantined, from }, { state: 'completed', quarantined: 0, from: new URL(source.url).host })
  return added
}

test('only an administrator of the directory may have it fetched', async () => {
  assert.equal((await refresh({}, marty.token({ roles: ['auditor'], permissions: [] }))).status, 403)
  assert.equal(source.seen.count, 0)
})

test('LDIF is streamed into an import; unchanged, no second one is started', async () => {
  const ldif = Buffer.from(`# of today\n\nversion: 1\n\n${tree}${dscRecord(dsc)}${crlRecord(crl)}`)
  source.answer = serving(ldif, '"day 1"')
  const started = await refresh()
  assert.equal(started.status, 202, started.text)
  const done = await finished(marty, administrator, started.json.jobId)
  assert.deepEqual([done.json.state, done.json.added, done.json.size], ['completed', 2, ldif.length])
  assert.equal((await get(`/v1/pkd/keys?fingerprint=${sha256(dsc)}`)).status, 200)

  const count = await imports()
  const again = await refresh()
  assert.deepEqual([again.status, again.json], [200, { unchanged: true }])
  assert.equal(source.seen.ifNoneMatch, '"day 1"')
  source.answer = serving(ldif)
  assert.deepEqual((await refresh()).json, { unchanged: true })
  assert.equal(await imports(), count)
})

test('a CRL in DER, CRLs in PEM and a master list are taken for what they are', async () => {
  assert.equal(await taken(root.crl({ entries: [{ serial: 98 }] })), 1)
  const [first, second] = [root.crl({ entries: [{ serial: 97 }] }), root.crl({ entries: [{ serial: 96 }] })]
  assert.equal(await taken(Buffer.from(toPem('X509 CRL', first) + toPem('X509 CRL', second))), 2)
  const home = csca('UT')
  assert.equal(await taken(masterList({ certificates: [home.der], signer: listSigner(home, 'UT') })), 1)
})

test('schedules do it too, and tell of a stale list once', async () => {
  const handler = functionOf('pkd').create(async () => marty.platform.http)
  const run = (operation: string) => handler({ mmf: 'schedule', operation }, lambdaContext(operation, 20_000))
  const old = root.crl({ thisUpdate: new Date('2021-01-01T00:00:00Z'), nextUpdate: new Date('2021-02-01T00:00:00Z') })
  const other = createRoot('C=UV, O=Elsewhere, CN=CSCA')
  const stale = other.crl({
    thisUpdate: new Date('2021-01-01T00:00:00Z'),
    nextUpdate: new Date('2021-02-01T00:00:00Z'),
  })
  const count = await imports()
  source.answer = serving(Buffer.from(toPem('X509 CRL', old) + toPem('X509 CRL', stale)))

  await run('pkd.poll_directory')

  assert.equal(await imports(), count + 1)
  const [{ jobId, principal }] = (await get('/v1/pkd/imports?limit=1')).json.imports
  assert.equal(principal, 'schedule:pkd.poll_directory')
  assert.equal((await finished(marty, administrator, jobId)).json.added, 2)
  const told = () => storedRows(marty.dataDirectory, 'pkd_crls').filter(row => row.staleSince !== undefined)
  await run('pkd.watch_crls')
  const first = told()
  assert.ok(first.some(row => row.fingerprint === sha256(stale)))
  await run('pkd.watch_crls')
  assert.deepEqual(told(), first)
  const metrics = (await marty.request('GET', '/metrics')).text
  assert.match(metrics, new RegExp(`^marty_pki_stale_crls ${first.length}$`, 'm'))
  assert.match(metrics, /^mmf_schedule_failures_total\{operation="pkd.watch_crls"\} 0$/m)
})

for (const [name, code, answer] of [
  ...badSources,
  ['sends a page', 'import_input_invalid', serving(Buffer.from('<html>not here</html>'))] as const,
  ['sends broken DER', 'import_input_invalid', serving(crl.subarray(0, crl.length - 5))] as const,
  ['sends a certificate', 'import_input_invalid', serving(dsc)] as const,
]) {
  test(`a source that ${name}: ${code}, and nothing has begun`, async () => {
    const before = [await imports(), ...storedRows(marty.dataDirectory, 'source_states')]
    const blobs = (await marty.platform.http.blobs.list('marty/pkd/imports/')).rows.length
    assert.ok(blobs > 0)
    source.answer = answer
    const refused = await refresh({ force: true })
    assert.equal(refused.json.code, code, refused.text)
    assert.ok(refused.status >= 400)
    assert.deepEqual([await imports(), ...storedRows(marty.dataDirectory, 'source_states')], before)
    assert.equal((await marty.platform.http.blobs.list('marty/pkd/imports/')).rows.length, blobs)
  })
}
