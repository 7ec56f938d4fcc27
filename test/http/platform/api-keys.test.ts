import assert from 'node:assert/strict'
import { after, before, describe, it, mock } from 'node:test'
import { crc32 } from 'node:zlib'
import { apiKeyTable, apiKeyUseTable } from '../../../layer/framework/src/api-keys/api-key-tables.ts'
import { update } from '../../../layer/framework/src/database/write.ts'
import { apiKeyMaxAgeMs } from '../../../layer/framework/src/http/authentication/api-key-authenticator.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

let marty: TestPlatform
before(async () => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  marty = await startPlatform({
    env: {
      ...signingWith('ECDSA-SHA256'),
      MMF__api_keys__grantable_roles: JSON.stringify(['document_signer', 'auditor']),
      MMF__api_keys__grantable_permissions: JSON.stringify(['sign_documents']),
    },
  })
})
after(async () => {
  await marty.stop()
  mock.timers.reset()
})

const path = '/platform/api-keys'
const signBody = { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }
const signer = { roles: ['document_signer'], permissions: ['sign_documents'] }
const administrator = () => marty.token({ subject: 'ada', roles: ['access_administrator'], permissions: [] })
const ask = (method: string, route: string, body?: object) =>
  marty.request(method, route, { token: administrator(), ...(body === undefined ? {} : { body }) })
const withKey = (apiKey: string, method = 'GET', route = '/v1/signatures', body?: object) =>
  marty.request(method, route, { headers: { 'x-api-key': apiKey }, ...(body === undefined ? {} : { body }) })

let holders = 0
async function newKey(request: object = signer): Promise<{ apiKey: string; key: { id: string; holder: string } }> {
  holders += 1
  mock.timers.tick(1)
  const { status, json, text } = await ask('POST', path, { holder: `holder-${holders}`, ...request })
  assert.equal(status, 201, text)
  return json
}

/** What this process remembers of keys grows old, as it does on the instances that did not change them. */
const waitForOtherInstances = () => mock.timers.tick(apiKeyMaxAgeMs)

describe('an API key', () => {
  it('is shown once, signs as its holder, and is stored nowhere', async () => {
    const { apiKey, key } = await newKey()
    assert.match(apiKey, /^mk_dev_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/)
    const signed = await withKey(apiKey, 'POST', '/v1/documents/sign', signBody)
    assert.equal(signed.status, 201, signed.text)
    const own = await withKey(apiKey)
    assert.deepEqual(
      own.json.signatures.map(({ principal }: { principal: string }) => principal),
      [`api_key#${key.holder}`],
      own.text,
    )
    const secret = apiKey.split('_')[3] ?? ''
    const row = await marty.platform.http.database.get(apiKeyTable, { id: key.id })
    const shown = await ask('GET', `${path}/${key.id}`)
    for (const text of [JSON.stringify(row), shown.text, JSON.stringify(marty.lines)]) {
      assert.ok(!text.includes(secret.slice(0, 20)))
    }
    assert.equal(shown.json.status, 'live')
    assert.equal(shown.json.createdBy, 'ada')
    assert.match(shown.json.lastUsedAt, /^\d{4}-/)
    assert.equal(shown.json.digest, undefined)
  })

  it('is listed, the newest first, page by page', async () => {
    const made = [await newKey(), await newKey()].map(({ key }) => key.id)
    const first = await ask('GET', `${path}?limit=1`)
    const second = await ask('GET', `${path}?limit=1&cursor=${encodeURIComponent(first.json.cursor)}`)
    assert.deepEqual(
      [...second.json.apiKeys, ...first.json.apiKeys].map(({ id }) => id),
      made,
    )
  })

  it('is refused with one answer to strangers, whatever is wrong', async () => {
    const { apiKey, key } = await newKey()
    const revoked = await newKey()
    await ask('DELETE', `${path}/${revoked.key.id}?reason=leaked`)
    const expired = await newKey()
    const { database } = marty.platform.http
    await database.write(update(apiKeyTable, { id: expired.key.id }, { endsAt: '2020-01-01T00:00:00.000Z' }))
    const widened = await newKey({ roles: ['auditor'] })
    await database.write(update(apiKeyTable, { id: widened.key.id }, { ...signer }))
    const elsewhere = await newKey({ ...signer, networks: ['192.0.2.0/24', '2001:db8::/32'] })
    const other = (await newKey()).apiKey
    // The parts of two keys, with a checksum that fits.
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    const summed = (body: string) => {
      let [rest, sum] = [crc32(body), '']
      for (let n = 0; n < 6; n += 1, rest = Math.floor(rest / 62)) sum = `${digits[rest % 62]}${sum}`
      return `${body}${sum}`
    }
    const [, , id, secret = ''] = other.split('_')
    const mixed = summed(`mk_dev_${key.id}_${secret.slice(0, 43)}`)
    const unknown = summed(`mk_dev_${id?.split('').reverse().join('')}_${secret.slice(0, 43)}`)
    const bodies = new Set<string>()
    for (const refused of [revoked.apiKey, expired.apiKey, widened.apiKey, elsewhere.apiKey, mixed, unknown]) {
      const { status, json, headers } = await withKey(refused)
      assert.deepEqual([status, json.code], [401, 'api_key_invalid'])
      assert.match(headers.get('www-authenticate') ?? '', /^Bearer/)
      bodies.add(JSON.stringify({ ...json, correlationId: '' }))
    }
    assert.equal(bodies.size, 1)
    const lines = marty.lines.filter(({ message }) => message === 'an API key was refused')
    assert.deepEqual(
      lines.slice(-6).map(({ reason }) => reason),
      ['revoked', 'expired', 'wrong', 'network', 'wrong', 'unknown'],
    )
    assert.deepEqual(lines.at(-2)?.['callerKey'], key.id)
    assert.equal((await withKey(apiKey)).status, 200)
    const request = marty.lines.findLast(({ message }) => message === 'request')
    assert.deepEqual([request?.['subject'], request?.['callerKey']], [`api_key#${key.holder}`, key.id])
  })

  it('that is none is refused without a look at the store, in words that do not repeat it', async () => {
    const { apiKey } = await newKey()
    const cut = apiKey.slice(0, -1)
    const flipped = `${apiKey.slice(0, -1)}${apiKey.endsWith('A') ? 'B' : 'A'}`
    const tries: readonly (readonly [string, RegExp])[] = [
      ['', /expected mk_/],
      ['x', /expected mk_/],
      [cut, /expected mk_/],
      [`${apiKey}A`, /expected mk_/],
      [`${apiKey},${apiKey}`, /expected mk_/],
      [apiKey.toUpperCase(), /expected mk_/],
      [flipped, /checksum/],
      [apiKey.replace('mk_dev', 'mk_prod'), /checksum/],
    ]
    for (const [text, detail] of tries) {
      const { status, json } = await withKey(text)
      assert.deepEqual([status, json.code], [401, 'api_key_malformed'], text)
      assert.match(json.detail, detail)
      assert.ok(text.length < 20 || !JSON.stringify(json).includes(text.slice(30, 40)))
    }
    const query = await marty.request('GET', `/v1/signatures?api_key=${apiKey}`)
    assert.equal(query.json.code, 'authentication_required')
    const both = await marty.request('GET', '/v1/signatures', {
      token: marty.token(),
      headers: { 'x-api-key': apiKey },
    })
    assert.deepEqual([both.status, both.json.code], [400, 'credentials_conflict'])
  })

  it('does what its roles allow, within its operations and networks', async () => {
    const none = await newKey({})
    assert.equal((await withKey(none.apiKey)).json.code, 'role_missing')
    const reader = await newKey({
      ...signer,
      operations: ['document_signer.list_signatures'],
      networks: ['127.0.0.0/8'],
    })
    assert.equal((await withKey(reader.apiKey)).status, 200)
    const sign = await withKey(reader.apiKey, 'POST', '/v1/documents/sign', signBody)
    assert.deepEqual([sign.status, sign.json.code], [403, 'access_denied'])
    const all = await newKey({ ...signer, operations: ['document_signer.*'] })
    assert.equal((await withKey(all.apiKey, 'POST', '/v1/documents/sign', signBody)).status, 201)
  })

  it('rotates without a gap: two are live, never three', async () => {
    const { apiKey, key } = await newKey()
    const rotated = await ask('POST', `${path}/${key.id}/rotate`, { overlapSeconds: 60 })
    assert.equal(rotated.status, 201, rotated.text)
    assert.deepEqual(
      [rotated.json.key.holder, rotated.json.key.replaces, rotated.json.key.roles],
      [key.holder, key.id, signer.roles],
    )
    for (const good of [apiKey, rotated.json.apiKey]) assert.equal((await withKey(good)).status, 200)
    const again = [key.id, rotated.json.key.id].map(id => ask('POST', `${path}/${id}/rotate`, {}))
    for (const { status, json } of await Promise.all(again)) {
      assert.deepEqual([status, json.code], [409, 'api_key_rotation_open'])
    }
    assert.equal((await ask('POST', path, { holder: key.holder })).json.code, 'api_key_exists')
    await ask('DELETE', `${path}/${key.id}`)
    const third = await ask('POST', `${path}/${rotated.json.key.id}/rotate`, { overlapSeconds: 0 })
    assert.equal(third.status, 201)
    assert.equal((await ask('POST', `${path}/${key.id}/rotate`, {})).json.code, 'api_key_not_live')
    waitForOtherInstances()
    assert.deepEqual(
      await Promise.all([apiKey, rotated.json.apiKey, third.json.apiKey].map(async one => (await withKey(one)).status)),
      [401, 401, 200],
    )
  })

  it('of one holder is made once by administrators who ask at the same time', async () => {
    const asked = Array.from({ length: 4 }, () => ask('POST', path, { holder: 'contended' }))
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    assert.deepEqual(statuses.sort(), [201, 409, 409, 409])
  })

  it('that is revoked is refused on every instance within the age of what is remembered', async () => {
    const { apiKey, key } = await newKey()
    assert.equal((await withKey(apiKey)).status, 200)
    const revoked = await ask('DELETE', `${path}/${key.id}?reason=leaked`)
    assert.deepEqual([revoked.status, revoked.json.status, revoked.json.reason], [200, 'revoked', 'leaked'])
    assert.equal(revoked.json.revokedBy, 'ada')
    waitForOtherInstances()
    assert.equal((await withKey(apiKey)).status, 401)
    const second = await ask('DELETE', `${path}/${key.id}?reason=other`)
    assert.deepEqual([second.status, second.json.reason], [200, 'leaked'], 'it stays as it was')
  })

  it('leaves one note of its use an hour', async () => {
    const { apiKey, key } = await newKey()
    await withKey(apiKey)
    const { database } = marty.platform.http
    const first = await database.get(apiKeyUseTable, { id: key.id })
    await withKey(apiKey)
    assert.deepEqual(await database.get(apiKeyUseTable, { id: key.id }), first)
    mock.timers.tick(3_600_000)
    await withKey(apiKey)
    assert.notDeepEqual(await database.get(apiKeyUseTable, { id: key.id }), first)
  })
})

describe('who administers API keys', () => {
  it('needs the role, and gives nothing that the configuration does not list', async () => {
    for (const roles of [[], ['platform_administrator'], ['document_signer']]) {
      const { status, json } = await marty.request('GET', path, { token: marty.token({ roles }) })
      assert.deepEqual([status, json.code], [403, 'role_missing'])
    }
    const over = await ask('POST', path, { holder: 'over', roles: ['document_signer', 'access_administrator'] })
    assert.deepEqual([over.status, over.json.code], [403, 'api_key_grant_refused'])
    assert.match(over.json.detail, /access_administrator; api_keys\.grantable_roles allows document_signer, auditor/)
  })

  const bad: readonly (readonly [object, string])[] = [
    [{}, 'holder'],
    [{ holder: 'A' }, 'holder'],
    [{ holder: 'a'.repeat(65) }, 'holder'],
    [{ holder: 'x1', roles: 'document_signer' }, 'roles'],
    [{ holder: 'x1', networks: ['192.0.2.1'] }, 'networks.0'],
    [{ holder: 'x1', networks: ['192.0.2.0/33'] }, 'networks.0'],
    [{ holder: 'x1', networks: [] }, 'networks'],
    [{ holder: 'x1', operations: ['document_signer.sign'] }, 'operations.0'],
    [{ holder: 'x1', operations: ['*'] }, 'operations.0'],
    [{ holder: 'x1', expiresInDays: 0 }, 'expiresInDays'],
    [{ holder: 'x1', expiresInDays: 366 }, 'expiresInDays'],
    [{ holder: 'x1', secret: 'mine' }, 'secret'],
  ]
  for (const [body, field] of bad) {
    it(`learns which field is wrong: ${JSON.stringify(body).slice(0, 60)}`, async () => {
      const { status, json, text } = await ask('POST', path, body)
      assert.deepEqual([status, json.code], [422, 'validation_failed'], text)
      assert.ok(JSON.stringify(json.errors).includes(field), text)
    })
  }

  it('learns that an id is none', async () => {
    const unknown = `${path}/0000000000000000`
    for (const [method, route] of [
      ['GET', unknown],
      ['DELETE', unknown],
      ['POST', `${unknown}/rotate`],
    ] as const) {
      const { status, json } = await ask(method, route, method === 'POST' ? {} : undefined)
      assert.deepEqual([status, json.code], [404, 'api_key_not_found'])
    }
    assert.equal((await ask('GET', `${path}/x`)).json.code, 'validation_failed')
    const reason = await ask('DELETE', `${unknown}?reason=boredom`)
    assert.equal(reason.json.code, 'validation_failed')
  })

  it('leaves an event and audit records of each change, without the key', async () => {
    const { key, apiKey } = await newKey()
    await ask('DELETE', `${path}/${key.id}?reason=unused`)
    await ask('POST', path, { holder: 'over', roles: ['platform_administrator'] })
    const events = storedRows(marty.dataDirectory, 'outbox').map(row => JSON.parse(row.event))
    assert.ok(!JSON.stringify(events).includes(apiKey.slice(24)))
    const changes = events.filter(({ data }) => data.keyId === key.id)
    assert.deepEqual(
      changes.map(({ type, data }) => [type, data.holder, data.by, data.reason]),
      [
        ['platform.api_key_created.v1', key.holder, 'ada', undefined],
        ['platform.api_key_revoked.v1', key.holder, 'ada', 'unused'],
      ],
    )
    const records = events.filter(({ type }) => type === 'platform.access_change.v1').slice(-6)
    assert.deepEqual(
      records.map(({ data: { action, outcome, subject, code } }) => [action, outcome, subject, code]),
      [
        ['create', 'started', 'ada', undefined],
        ['create', 'success', 'ada', undefined],
        ['revoke', 'started', 'ada', undefined],
        ['revoke', 'success', 'ada', undefined],
        ['create', 'started', 'ada', undefined],
        ['create', 'failure', 'ada', 'api_key_grant_refused'],
      ],
    )
  })
})
