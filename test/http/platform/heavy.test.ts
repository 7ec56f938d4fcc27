import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import {
  base64,
  csca,
  importList,
  listSigner,
  manyCscas,
  masterList,
  reader,
  sha256,
} from '../support/trust-anchors.fixture.ts'

// One request with much to compute on the running product: how many others are answered before it.

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

/** Answers of `GET /health` that came before that of the heavy request, asked one after the other. */
async function answeredBefore<T>(heavy: Promise<T>): Promise<{ answer: T; others: number }> {
  let answer: { readonly value: T } | undefined
  heavy.then(value => {
    answer = { value }
  })
  let others = 0
  while (answer === undefined) {
    assert.equal((await marty.request('GET', '/health')).status, 200)
    others += 1
  }
  return { answer: answer.value, others }
}

test('a master list with 600 certificates lets others in between', async () => {
  const authority = csca('QZ')
  const list = masterList({ certificates: [authority.der, ...manyCscas(600)], signer: listSigner(authority, 'QZ') })
  const { answer, others } = await answeredBefore(importList(marty, list, { trustedSigner: sha256(authority.der) }))
  assert.equal(answer.status, 201)
  // 7 without a pause.
  assert.ok(others >= 9, `${others} others were answered`)
})

test('a batch of 1,000 certificates lets others in between', async () => {
  const body = { certificates: manyCscas(1000).map(base64), profile: 'icao-csca' }
  const { answer, others } = await answeredBefore(
    marty.request('POST', '/v1/certificates/validate', { token: reader(marty), body }),
  )
  assert.deepEqual([answer.status, answer.json.validations.length], [200, 1000])
  // 43 without a pause.
  assert.ok(others >= 60, `${others} others were answered`)
})
