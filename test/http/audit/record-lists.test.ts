import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { bytes, defined, insert, systemClock, table } from '@mmf/framework'
import { createIds, createSqliteDatabase } from '@mmf/framework/embedded'
import * as z from 'zod'
import { pem, relyingParty, testChain, validate } from '../support/certificate-validation.fixture.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

/** The tables as version 1.0.0 declared them. */
const earlierSignatures = table({
  name: 'signature_records',
  row: z.strictObject({
    signatureId: z.string(),
    principal: z.string(),
    month: z.string(),
    documentHash: z.string(),
    documentHashAlgorithm: z.string(),
    signature: bytes(),
    algorithm: z.string(),
    keyId: z.string(),
    keyVersion: z.int(),
    timestamp: z.iso.datetime(),
    correlationId: z.string(),
  }),
  partition: 'signatureId',
  indexes: {
    by_principal: { partition: 'principal', sort: 'signatureId' },
    by_month: { partition: 'month', sort: 'signatureId' },
  },
})
const earlierValidations = table({
  name: 'validations',
  row: z.strictObject({
    validationId: z.string(),
    principal: z.string(),
    correlationId: z.string(),
    createdAt: z.iso.datetime(),
    certificate: z.string(),
    inputs: z.string(),
    anchorsGeneration: z.union([z.literal('request'), z.int()]),
    valid: z.boolean(),
    profile: z.string(),
    at: z.iso.datetime(),
    settings: z.string(),
    verdict: z.string(),
  }),
  partition: 'validationId',
  indexes: { by_principal: { partition: 'principal', sort: 'validationId' } },
})

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const times = [
  '2026-01-31T23:59:59.000Z',
  '2026-02-01T00:00:00.000Z',
  '2026-02-03T00:00:00.000Z',
  '2026-07-01T12:00:00.000Z',
]
const idsAt = (time: string) => createIds({ clock: { now: () => new Date(time) } }).next()
const oldSignatures = times.map(idsAt)
const oldValidations = times.map(idsAt)

/** A data folder as version 1.0.0 left it. */
async function earlierFolder(): Promise<string> {
  const dataDirectory = join(mkdtempSync(join(tmpdir(), 'marty-earlier-')), 'data')
  const database = createSqliteDatabase({ file: join(dataDirectory, 'data.sqlite'), clock: systemClock })
  await database.open([earlierSignatures, earlierValidations])
  for (const [i, timestamp] of times.entries()) {
    const principal = i % 2 === 0 ? 'alice' : 'bob'
    await database.write(
      insert(earlierSignatures, {
        signatureId: oldSignatures[i] ?? '',
        principal,
        month: timestamp.slice(0, 7),
        documentHash: hash(i < 2 ? 'one' : 'two'),
        documentHashAlgorithm: 'SHA-256',
        signature: Uint8Array.of(i),
        algorithm: 'RSA-SHA256',
        keyId: 'k',
        keyVersion: 1,
        timestamp,
        correlationId: 'c',
      }),
    )
    await database.write(
      insert(earlierValidations, {
        validationId: oldValidations[i] ?? '',
        principal,
        correlationId: 'c',
        createdAt: timestamp,
        certificate: hash('certificate'),
        inputs: hash('inputs'),
        anchorsGeneration: 'request',
        valid: i === 3,
        profile: i === 0 ? 'rfc5280' : 'webpki',
        at: timestamp,
        settings: '{}',
        verdict: '{"old":true}',
      }),
    )
  }
  await database.close()
  return dataDirectory
}

let marty: TestPlatform
const newSignatures: string[] = []
const newValidations: string[] = []
const { root, ca, leaf } = testChain()
const chain = { certificate: pem(leaf.der), intermediates: [pem(ca.der)], anchors: [pem(root.der)] }
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256'), dataDirectory: await earlierFolder() })
  for (let i = 0; i < 12; i += 1) {
    const token = marty.token({ subject: i % 3 === 0 ? 'alice' : 'carol' })
    const document = Buffer.from(i < 4 ? 'one' : `document ${i}`).toString('base64')
    const body = { document, signingAlgorithm: 'ECDSA-SHA256' }
    const answer = await marty.request('POST', '/v1/documents/sign', { token, body })
    assert.equal(answer.status, 201, answer.text)
    newSignatures.push(answer.json.signatureId)
  }
  for (const who of ['alice', 'carol', 'carol']) {
    newValidations.push((await validate(marty, chain, relyingParty(marty, who))).json.validationId)
  }
})
after(() => marty.stop())

const auditor = () => marty.token({ subject: 'auditor-1', roles: ['auditor'] })

/** Every page, with what each held. */
async function listed(path: string, query: Record<string, string>, token = auditor()) {
  const [name, id] = path === 'signatures' ? ['signatures', 'signatureId'] : ['validations', 'validationId']
  const ids: string[] = []
  for (let cursor: string | undefined, page = 0; ; page += 1) {
    assert.ok(page < 60, 'the pages do not end')
    const given = new URLSearchParams({ ...query, ...defined({ cursor }) })
    const answer = await marty.request('GET', `/v1/${path}?${given}`, { token })
    assert.equal(answer.status, 200, answer.text)
    ids.push(...answer.json[name].map((one: Record<string, string>) => one[id]))
    cursor = answer.json.cursor
    if (cursor === undefined) return ids
  }
}

const newestFirst = (ids: readonly string[]) => ids.toSorted().toReversed()
const allSignatures = () => newestFirst([...oldSignatures, ...newSignatures])

describe('signatures', () => {
  test('are listed in order over all shards and earlier versions, whatever the size of a page', async () => {
    for (const limit of ['1', '3', '7', '100']) assert.deepEqual(await listed('signatures', { limit }), allSignatures())
  })

  test('of one principal: own ones for a signer, anyone for an auditor; earlier ones too', async () => {
    const ofAlice = newestFirst([
      ...oldSignatures.filter((_, i) => i % 2 === 0),
      ...newSignatures.filter((_, i) => i % 3 === 0),
    ])
    assert.deepEqual(await listed('signatures', { limit: '2' }, marty.token({ subject: 'alice' })), ofAlice)
    assert.deepEqual(await listed('signatures', { limit: '2', principal: 'alice' }), ofAlice)
    const foreign = await marty.request('GET', '/v1/signatures?principal=alice', {
      token: marty.token({ subject: 'bob' }),
    })
    assert.deepEqual([foreign.status, foreign.json.code], [403, 'access_denied'])
  })

  test('by time, from inclusive and to exclusive', async () => {
    assert.deepEqual(await listed('signatures', { from: times[1] ?? '', to: times[3] ?? '' }), [
      oldSignatures[2],
      oldSignatures[1],
    ])
    assert.deepEqual(await listed('signatures', { to: times[1] ?? '' }), [oldSignatures[0]])
    assert.deepEqual(await listed('signatures', { from: '2026-08-01T00:00:00+02:00' }), newestFirst(newSignatures))
    const wrong = await marty.request('GET', `/v1/signatures?from=${times[1]}&to=${times[0]}`, { token: auditor() })
    assert.deepEqual([wrong.status, wrong.json.code], [422, 'validation_failed'])
  })

  test('by document hash and algorithm, together with the others', async () => {
    const one = newestFirst([...oldSignatures.slice(0, 2), ...newSignatures.slice(0, 4)])
    assert.deepEqual(await listed('signatures', { documentHash: hash('one'), limit: '2' }), one)
    assert.deepEqual(
      await listed('signatures', { documentHash: hash('one'), principal: 'carol' }),
      newestFirst(newSignatures.slice(1, 3)),
    )
    assert.deepEqual(await listed('signatures', { algorithm: 'RSA-SHA256' }), newestFirst(oldSignatures))
    assert.deepEqual(await listed('signatures', { documentHash: hash('never') }), [])
  })

  test('a cursor of other filters is refused', async () => {
    const first = await marty.request('GET', '/v1/signatures?limit=1', { token: auditor() })
    const query = new URLSearchParams({ cursor: first.json.cursor, algorithm: 'RSA-SHA256' })
    const refused = await marty.request('GET', `/v1/signatures?${query}`, { token: auditor() })
    assert.deepEqual([refused.status, refused.json.code], [422, 'cursor_invalid'])
  })
})

describe('verdicts', () => {
  test('all for an auditor, with who asked, earlier ones too; own ones for others', async () => {
    assert.deepEqual(await listed('validations', { limit: '2' }), newestFirst([...oldValidations, ...newValidations]))
    const own = newestFirst([oldValidations[0] ?? '', oldValidations[2] ?? '', newValidations[0] ?? ''])
    assert.deepEqual(await listed('validations', { limit: '2' }, relyingParty(marty, 'alice')), own)
    assert.deepEqual(await listed('validations', { principal: 'alice' }), own)
    const page = await marty.request('GET', '/v1/validations?limit=1', { token: auditor() })
    assert.equal(page.json.validations[0].principal, 'carol')
    const foreign = await marty.request('GET', '/v1/validations?principal=alice', { token: relyingParty(marty, 'bob') })
    assert.deepEqual([foreign.status, foreign.json.code], [403, 'access_denied'])
  })

  test('by certificate, result and time', async () => {
    assert.deepEqual(await listed('validations', { certificate: hash('certificate') }), newestFirst(oldValidations))
    assert.deepEqual(await listed('validations', { result: 'valid', certificate: hash('certificate') }), [
      oldValidations[3],
    ])
    const [newest] = (await marty.request('GET', '/v1/validations?limit=1', { token: auditor() })).json.validations
    const same = { result: newest.valid ? 'valid' : 'invalid', certificate: newest.certificate }
    assert.deepEqual(await listed('validations', same), newestFirst(newValidations))
    assert.deepEqual(await listed('validations', { to: times[1] ?? '' }), [oldValidations[0]])
  })
})

describe('exports', () => {
  async function exported(name: 'signatures' | 'validations', body: object) {
    const answer = await marty.request('POST', `/v1/${name}/exports`, { token: auditor(), body })
    assert.equal(answer.status, 201, answer.text)
    const text = await (await fetch(answer.json.url)).text()
    assert.equal(answer.json.sha256, hash(text))
    assert.equal(answer.json.bytes, Buffer.byteLength(text))
    const lines = text
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line))
    assert.equal(answer.json.records, lines.length)
    return lines
  }

  test('of signatures: NDJSON of the same records as reading them one by one', async () => {
    const lines = await exported('signatures', {})
    assert.deepEqual(
      lines.map(({ signatureId }) => signatureId),
      allSignatures(),
    )
    for (const line of [lines[0], lines.at(-1)]) {
      const one = await marty.request('GET', `/v1/signatures/${line.signatureId}`, { token: auditor() })
      assert.deepEqual(one.json, line)
    }
    const some = await exported('signatures', { to: times[1], principal: 'alice' })
    assert.deepEqual(
      some.map(({ signatureId }) => signatureId),
      [oldSignatures[0]],
    )
    assert.deepEqual(await exported('signatures', { documentHash: hash('never') }), [])
  })

  test('of verdicts: with verdict and settings', async () => {
    const lines = await exported('validations', {})
    assert.deepEqual(
      lines.map(({ validationId }) => validationId),
      newestFirst([...oldValidations, ...newValidations]),
    )
    assert.deepEqual(
      [lines.at(-1).verdict, lines.at(-1).principal, lines.at(-1).profile],
      [{ old: true }, 'alice', 'rfc5280'],
    )
    assert.deepEqual([lines[0].verdict.valid, lines[0].profile], [lines[0].valid, lines[0].verdict.profile])
  })

  test('mmf-cli audit export writes them into a file, filtered, and says a wrong call', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'marty-export-')), 'records.ndjson')
    const run = async (...args: string[]) =>
      promisify(execFile)(process.execPath, ['cli/bin/mmf-cli.mjs', 'audit', 'export', ...args], {
        env: { ...process.env, MARTY_TOKEN: auditor(), MARTY_URL: marty.url },
      }).then(
        () => 0,
        (error: { code: number }) => error.code,
      )
    const ids = (id: string) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map(line => JSON.parse(line)[id])
    assert.equal(await run('signatures', '--from', '2026-02-01', '--to', '2026-02-04', '--output', file), 0)
    assert.deepEqual(ids('signatureId'), [oldSignatures[2], oldSignatures[1]])
    assert.equal(await run('verdicts', '--result', 'valid', '--principal', 'bob', '--output', file), 0)
    assert.deepEqual(ids('validationId'), [oldValidations[3]])
    assert.equal(await run('signatures', '--from', 'yesterday', '--output', file), 2)
    assert.equal(await run('signatures', '--algorithm', 'ROT13', '--output', file), 3)
    assert.deepEqual(ids('validationId'), [oldValidations[3]], 'what was there stays')
  })

  test('are for auditors', async () => {
    for (const name of ['signatures', 'validations']) {
      const refused = await marty.request('POST', `/v1/${name}/exports`, { token: marty.token(), body: {} })
      assert.deepEqual([refused.status, refused.json.code], [403, 'role_missing'])
    }
  })
})
