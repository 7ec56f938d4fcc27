import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { hostileSod, rawSecurityObject } from '../support/hostile-sod.fixture.ts'
import { dg1Of, documentSigner } from '../support/passport.fixture.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { addAnchor, base64, csca } from '../support/trust-anchors.fixture.ts'

interface Vector {
  readonly name: string
  readonly dg15: string
  readonly dg14?: string
  readonly challenge: string
  readonly response: string
}
const vectors = new URL('../../../layer/pki/test/active-authentication/vectors.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(vectors, 'utf8')) as { cases: readonly Vector[] }

const authority = csca('UT')
const signer = documentSigner(authority)

/** A passport with the key of a chip, and what the chip answered. */
function chip(name: string) {
  const { dg15, dg14, challenge, response } = cases.find(vector => vector.name === name) ?? assert.fail(name)
  const groups = [
    { number: 1, content: dg1Of('UTO') },
    ...(dg14 === undefined ? [] : [{ number: 14, content: Buffer.from(dg14, 'hex') }]),
    { number: 15, content: Buffer.from(dg15, 'hex') },
  ]
  const hash = (content: Uint8Array) => createHash('sha256').update(content).digest()
  const content = rawSecurityObject(groups.map(group => ({ number: group.number, hash: hash(group.content) })))
  return {
    sod: base64(hostileSod(signer, { content })),
    dataGroups: groups.map(group => ({ number: group.number, content: base64(group.content) })),
    activeAuthentication: { challenge, response: Buffer.from(response, 'hex').toString('base64') },
  }
}

let marty: TestPlatform
let token: string
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  token = marty.token({ subject: 'inspector', roles: [], permissions: [] })
  await addAnchor(marty, authority.der)
})
after(() => marty.stop())
const check = (body: object) => marty.request('POST', '/v1/documents/passive-authentication', { token, body })

test('a chip that answers rightly is part of the verdict, which is repeated to the same', async () => {
  for (const name of ['RSA-1024 sha256 B.6', 'secp256r1 sha256']) {
    const { json, text } = await check(chip(name))
    assert.deepEqual([json.valid, json.document?.activeAuthentication], [true, true], text)
    const replay = await marty.request('POST', `/v1/validations/${json.validationId}/replay`, { token, body: {} })
    assert.equal(replay.json.same, true, replay.text)
  }
})

test('an answer to another challenge refuses the document, and is explained', async () => {
  const given = chip('RSA-1024 sha256 B.6')
  const challenge = '0000000000000000'
  const { json, text } = await check({ ...given, activeAuthentication: { ...given.activeAuthentication, challenge } })
  assert.deepEqual([json.valid, json.document?.activeAuthentication], [false, false], text)
  assert.equal(json.findings[0].code, 'active_authentication_failed')
  const replay = await marty.request('POST', `/v1/validations/${json.validationId}/replay`, { token, body: {} })
  assert.equal(replay.json.same, true, replay.text)
  const why = await marty.request('GET', `/v1/validations/${json.validationId}/explanation`, { token })
  assert.match(why.json.text, /may be a copy/)
})

test('a key of the chip that the State did not sign is no key', async () => {
  const own = chip('RSA-1024 sha256 B.6')
  const foreign = chip('RSA-2048 sha256 B.6')
  const dataGroups = [own.dataGroups[0], foreign.dataGroups[1]]
  const { json } = await check({ ...own, dataGroups, activeAuthentication: foreign.activeAuthentication })
  assert.equal(json.valid, false)
  assert.deepEqual([json.document.activeAuthentication, json.findings[0].code], [true, 'data_group_mismatch'])
})

test('without DG15 there is nothing to compare an answer with; a challenge has eight bytes', async () => {
  const given = chip('RSA-1024 sha256 B.6')
  const [dg1] = given.dataGroups
  const missing = await check({ ...given, dataGroups: [dg1] })
  assert.deepEqual([missing.json.code, missing.json.errors[0].path], ['validation_failed', 'activeAuthentication'])
  const short = { ...given.activeAuthentication, challenge: '00' }
  const refused = await check({ ...given, activeAuthentication: short })
  assert.equal(refused.json.errors[0].path, 'activeAuthentication.challenge', refused.text)
})
