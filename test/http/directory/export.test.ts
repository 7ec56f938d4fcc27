import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parsePem } from '@mmf/pki'
import { createRoot } from '../../../layer/pki/src/testing/index.ts'
import { base64, crlRecord, dscRecord, imported, sha256, tree } from '../support/pkd-directory.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

let marty: TestPlatform
let token: string
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  token = marty.token({ subject: 'admin-1', roles: ['pkd_administrator'], permissions: [] })
})
after(() => marty.stop())

const csca = createRoot('C=UT, CN=CSCA Utopia')
const dscs = Array.from({ length: 25 }, (_, i) => csca.issue(`C=UT, CN=DSC ${i}`).der)
const crl = csca.crl({ entries: [{ serial: 99 }] })

async function pages(
  from: TestPlatform,
  query: string,
  auth = token,
): Promise<{ texts: string[]; etags: (string | null)[] }> {
  const texts: string[] = []
  const etags: (string | null)[] = []
  let path = `/v1/pkd/exports?${query}`
  for (;;) {
    const answer = await from.request('GET', path, { token: auth })
    assert.equal(answer.status, 200, answer.text)
    texts.push(answer.text)
    etags.push(answer.headers.get('etag'))
    const next = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1]
    if (next === undefined) return { texts, etags }
    path = next
  }
}

test('an export holds what was imported, in each format, page by page', async () => {
  await imported(marty, token, {
    ldif: `version: 1\n\n${tree}${dscs.map(der => dscRecord(der)).join('')}${crlRecord(crl)}`,
  })
  const expected = [...dscs, crl].map(sha256).toSorted()

  const pem = await pages(marty, 'format=pem&limit=7')
  assert.equal(pem.texts.length, 4)
  assert.equal(new Set(pem.etags).size, 4)
  const blocks = parsePem(pem.texts.join(''))
  assert.deepEqual(blocks.map(({ der }) => sha256(der)).toSorted(), expected)
  assert.equal(blocks.at(-1)?.label, 'X509 CRL')

  const json = await pages(marty, 'format=json&collection=001&limit=10')
  const entries = json.texts.flatMap(text => JSON.parse(text).entries)
  assert.deepEqual(entries.map(entry => entry.fingerprint).toSorted(), expected)
  assert.equal(entries[0].content, base64(dscs.find(der => sha256(der) === entries[0].fingerprint) ?? new Uint8Array()))
  assert.deepEqual(JSON.parse((await pages(marty, 'format=json&collection=003')).texts.join('')).entries, [])
})

test('what is exported as LDIF and imported elsewhere is exported there byte for byte', async () => {
  const { texts } = await pages(marty, 'format=ldif&limit=9')
  const ldif = texts.join('')
  assert.equal(ldif.match(/^version: 1$/gm)?.length, 1)
  const other = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  try {
    const auth = other.token({ roles: ['pkd_administrator'], permissions: [] })
    const done = await imported(other, auth, { ldif })
    assert.deepEqual([done.json.added, done.json.processed], [26, 26])
    assert.equal((await pages(other, 'format=ldif', auth)).texts.join(''), ldif)
  } finally {
    await other.stop()
  }
})

test('an ETag answers 304 until the collection changes; withdrawn certificates are not exported', async () => {
  const path = '/v1/pkd/exports?format=pem'
  const first = await marty.request('GET', path, { token })
  const etag = first.headers.get('etag') ?? ''
  const same = await marty.request('GET', path, { token, headers: { 'if-none-match': `"x", ${etag}` } })
  assert.deepEqual([same.status, same.text, same.headers.get('etag')], [304, '', etag])
  assert.equal(same.headers.get('cache-control'), 'private, no-cache')

  const [der = new Uint8Array()] = dscs
  const body = { reason: 'test' }
  await marty.request('POST', `/v1/pkd/certificates/${sha256(der)}/withdraw`, { token, body })

  const changed = await marty.request('GET', path, { token, headers: { 'if-none-match': etag } })
  assert.equal(changed.status, 200)
  assert.notEqual(changed.headers.get('etag'), etag)
  const left = parsePem(changed.text).map(block => sha256(block.der))
  assert.equal(left.length, 25)
  assert.ok(!left.includes(sha256(der)))
})

test('bad cursors, formats and collections are refused', async () => {
  const refused: [string, string][] = [
    ['format=pem&cursor=x', 'cursor_invalid'],
    ['format=pem&cursor=99.', 'cursor_invalid'],
    ['format=pem&cursor=0.x', 'cursor_invalid'],
    ['format=doc', 'validation_failed'],
    ['', 'validation_failed'],
    ['format=pem&collection=004', 'validation_failed'],
    ['format=pem&limit=0', 'validation_failed'],
  ]
  for (const [query, code] of refused) {
    const answer = await marty.request('GET', `/v1/pkd/exports?${query}`, { token })
    assert.deepEqual([answer.status, answer.json.code], [422, code], query)
  }
  assert.equal((await marty.request('GET', '/v1/pkd/exports?format=pem')).status, 401)
})
