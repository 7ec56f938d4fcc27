import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { rewriteRow } from '../support/stored-rows.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const body = { document: Buffer.from('ok').toString('base64'), signingAlgorithm: 'ECDSA-SHA256' }

async function sign(): Promise<string> {
  const answer = await marty.request('POST', '/v1/documents/sign', { token: marty.token(), body })
  return answer.json.signatureId
}

const rewrite = (signatureId: string, change: Parameters<typeof rewriteRow>[3]) =>
  rewriteRow(marty.dataDirectory, 'signature_records', { signatureId }, change)

test('a signature record with a column of a later version is listed and read like any other', async () => {
  const id = await sign()
  rewrite(id, row => ({ ...row, notary: 'N. N.' }))
  const token = marty.token()
  const one = await marty.request('GET', `/v1/signatures/${id}`, { token })
  assert.equal(one.status, 200, one.text)
  const list = await marty.request('GET', '/v1/signatures', { token })
  assert.deepEqual([list.status, list.json.signatures[0].signatureId], [200, id])
  assert.doesNotMatch(one.text + list.text, /notary/)
})

test('a signature record that cannot be read is named in the list, counted and logged, and hides no other', async () => {
  const ids = [await sign(), await sign(), await sign()]
  const odd = ids[1] ?? ''
  rewrite(odd, row => ({ ...row, keyVersion: 'secret' }))
  for (const claims of [{}, { subject: 'a-1', roles: ['auditor'] }]) {
    const list = await marty.request('GET', '/v1/signatures?limit=3', { token: marty.token(claims) })
    assert.equal(list.status, 200, list.text)
    const listed = list.json.signatures.map(({ signatureId }: { signatureId: string }) => signatureId)
    assert.deepEqual(listed.slice(0, 2), [ids[2], ids[0]])
    assert.deepEqual(list.json.unreadable, [{ id: odd, reason: 'database_row_invalid: keyVersion' }])
  }
  const one = await marty.request('GET', `/v1/signatures/${odd}`, { token: marty.token() })
  assert.deepEqual([one.status, one.json.code], [500, 'database_row_invalid'])
  const logged = marty.lines.filter(({ message }) => message === 'a stored row cannot be read')
  assert.deepEqual([logged[0]?.['table'], logged[0]?.['rowId']], ['signature_records', odd])
  assert.doesNotMatch(JSON.stringify(logged), /secret/)
  const metrics = await marty.request('GET', '/metrics')
  assert.match(metrics.text, /^mmf_unreadable_rows_total 3$/m)
})
