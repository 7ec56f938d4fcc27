import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { defined } from '@mmf/framework'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const good = { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }

describe('403', () => {
  const tries = [
    [[], [], 'role_missing'],
    [['auditor'], ['sign_documents'], 'role_missing'],
    [['Document_Signer'], ['sign_documents'], 'role_missing'],
    [['document_signer'], [], 'permission_missing'],
    [['document_signer'], ['sign_document', 'SIGN_DOCUMENTS'], 'permission_missing'],
  ] as const
  for (const [roles, permissions, code] of tries) {
    it(`answers roles [${roles}] with permissions [${permissions}] by ${code}`, async () => {
      const token = marty.token({ roles: [...roles], permissions: [...permissions] })
      const refused = await marty.request('POST', '/v1/documents/sign', { token, body: good })
      assert.deepEqual([refused.status, refused.json.code], [403, code], refused.text)
      assert.equal(refused.headers.get('content-type'), 'application/problem+json')
      assert.equal(refused.headers.get('www-authenticate'), null)
    })
  }

  it('answers readers of records who are neither signer nor auditor', async () => {
    const token = marty.token({ roles: ['visitor'] })
    for (const path of ['/v1/signatures', '/v1/signatures/0193c1a0-0000-7000-8000-000000000000']) {
      const refused = await marty.request('GET', path, { token })
      assert.deepEqual([refused.status, refused.json.code], [403, 'role_missing'])
    }
  })
})

describe('authorization comes before parsing', () => {
  const bodies: readonly (readonly [what: string, body: unknown, type?: string])[] = [
    ['no JSON', '{"document":'],
    ['an unknown field', { nonsense: true }],
    ['another type', '<xml/>', 'text/xml'],
    ['a body over the limit', Buffer.alloc(5_000_000, 0x20)],
    ['a bad algorithm', { ...good, signingAlgorithm: 'none' }],
  ]
  for (const [what, body, type = 'application/json'] of bodies) {
    it(`also for ${what}: strangers learn nothing of the schema`, async () => {
      const post = (token?: string) =>
        marty.request('POST', '/v1/documents/sign', {
          body,
          headers: { 'content-type': type },
          ...defined({ token }),
        })
      const anonymous = await post()
      assert.deepEqual([anonymous.status, anonymous.json.code], [401, 'authentication_required'])
      const stranger = await post(marty.token({ roles: [] }))
      assert.deepEqual([stranger.status, stranger.json.code], [403, 'role_missing'])
      const signer = await post(marty.token())
      assert.ok([400, 413, 415, 422].includes(signer.status), `who may sign is told what is wrong: ${signer.text}`)
    })
  }

  it('also for path and query', async () => {
    const anonymous = await marty.request('GET', '/v1/signatures/no-uuid?a=b')
    assert.equal(anonymous.status, 401)
    const stranger = await marty.request('GET', '/v1/signatures/no-uuid?a=b', { token: marty.token({ roles: [] }) })
    assert.equal(stranger.status, 403)
  })
})
