import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { after, before, beforeEach, test } from 'node:test'
import { parseOcspRequest } from '@mmf/pki'
import { uriPoint } from '../../../../layer/pki/src/testing/authority.ts'
import {
  authorityInfoAccess,
  createRoot,
  crlDistributionPoints,
  type IssuedCertificate,
  type MockAuthority,
  ocspNonce,
  testKey,
} from '../../../../layer/pki/src/testing/index.ts'
import {
  type ClockedValidation,
  startClockedValidation,
} from '../../../../test/http/support/clocked-validation.fixture.ts'
import { type OnlinePki, sends, startOnlinePki } from '../../../../test/http/support/online-pki.ts'
import { longLived } from '../../../../test/http/support/trust-anchors.fixture.ts'

// Answers without nextUpdate, and nonces.

const minute = 60_000
const day = 1440 * minute
let server: OnlinePki
let root: MockAuthority
let clocked: ClockedValidation

before(async () => {
  server = await startOnlinePki('Open')
})
after(() => server.close())
beforeEach(() => start())
after(() => clocked.platform.close())

async function start(settings: object = {}) {
  server.answers.clear()
  server.asked.clear()
  await clocked?.platform.close()
  root = createRoot('C=UT, O=Open, CN=Root', longLived)
  clocked = await startClockedValidation(root, settings)
}

const [crlPath, ocspPath] = ['/open.crl', '/open.ocsp']
const asked = (path: string) => server.asked.get(path) ?? 0
const clock = () => clocked.platform.clock
const now = (offset = 0) => new Date(Math.floor((clock().now().getTime() + offset) / 1000) * 1000)
const leafOf = (name: string, extension: Uint8Array) =>
  root.issue(`C=UT, O=Open, CN=${name}`, { ...longLived, key: testKey(), extra: [extension] })
const ocspLeaf = (name: string) =>
  leafOf(name, authorityInfoAccess([{ method: 'ocsp', uri: `${server.origin}${ocspPath}` }]))
const crlLeaf = (name: string) => leafOf(name, crlDistributionPoints([uriPoint(`${server.origin}${crlPath}`)]))

interface Responder {
  /** What it does with a nonce. */
  readonly nonce?: 'repeat' | 'ignore' | 'other' | 'refuse' | 'bad-request'
  readonly nextUpdate?: Date | null
  readonly revoked?: boolean
  /** How far its clock is ahead, milliseconds. */
  readonly ahead?: number
  readonly by?: MockAuthority
}

/** Answers each request on the spot, about the certificate. */
function responder(
  leaf: IssuedCertificate,
  { nonce: habit = 'ignore', nextUpdate = null, revoked = false, ahead = 0, by = root }: Responder = {},
): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const { nonce } = parseOcspRequest(Buffer.concat(chunks))
      nonces.push(nonce)
      if (nonce !== undefined && habit === 'bad-request') return void response.writeHead(400).end()
      if (nonce !== undefined && habit === 'refuse') return void response.end(Uint8Array.of(0x30, 3, 10, 1, 1))
      const status = revoked ? { revokedAt: now(-day) } : ('good' as const)
      const thisUpdate = now(ahead)
      const repeated = habit === 'other' ? new Uint8Array(32) : habit === 'repeat' ? nonce : undefined
      const extensions = repeated === undefined ? [] : [ocspNonce(repeated)]
      const single = { certId: by.certId(leaf.serial), status, thisUpdate, nextUpdate }
      response.end(by.ocsp([single], { producedAt: thisUpdate, extensions }))
    })
  }
}
const nonces: (Uint8Array | undefined)[] = []
beforeEach(() => {
  nonces.length = 0
})
const serve = (leaf: IssuedCertificate, how: Responder = {}) => server.answers.set(ocspPath, responder(leaf, how))

test('an OCSP answer without nextUpdate is good for five minutes, and then it is asked for again', async () => {
  const leaf = ocspLeaf('Open ended')
  serve(leaf)
  assert.equal((await clocked.validate(leaf)).valid, true)
  clock().advance(4 * minute)
  assert.deepEqual([(await clocked.validate(leaf)).notes[0]?.outcome, asked(ocspPath)], ['kept', 1])
  clock().advance(minute)
  assert.deepEqual([(await clocked.validate(leaf)).valid, asked(ocspPath)], [true, 2])
  clock().advance(6 * minute)
  server.answers.clear()
  const late = await clocked.validate(leaf)
  assert.deepEqual([late.valid, late.codes.includes('ocsp_no_next_update')], [false, true])
})

test('a CRL without nextUpdate likewise', async () => {
  const leaf = crlLeaf('Open list')
  const serveList = () => server.answers.set(crlPath, sends(root.crl({ thisUpdate: now(), nextUpdate: null })))
  serveList()
  assert.equal((await clocked.validate(leaf)).valid, true)
  clock().advance(4 * minute)
  assert.deepEqual([(await clocked.validate(leaf)).valid, asked(crlPath)], [true, 1])
  clock().advance(2 * minute)
  assert.equal((await clocked.validate(leaf)).valid, false, 'the server still has the old one')
  clock().advance(2 * minute)
  serveList()
  assert.equal((await clocked.validate(leaf)).valid, true)
})

test('the time is a setting, and 0 takes no such answer', async () => {
  await start({ evidence_age_without_next_update: 60 })
  const leaf = ocspLeaf('Setting')
  serve(leaf)
  assert.equal((await clocked.validate(leaf)).valid, true)
  clock().advance(minute)
  assert.deepEqual([(await clocked.validate(leaf)).valid, asked(ocspPath)], [true, 2])
  await start({ evidence_age_without_next_update: 0 })
  const never = ocspLeaf('Never')
  serve(never)
  assert.equal((await clocked.validate(never)).valid, false)
})

test('the clock of a responder may be a minute ahead', async () => {
  for (const [ahead, valid] of [
    [59_000, true],
    [120_000, false],
  ] as const) {
    await start()
    const leaf = ocspLeaf('Ahead')
    serve(leaf, { ahead })
    assert.equal((await clocked.validate(leaf)).valid, valid, String(ahead))
  }
})

test('a nonce of 32 octets is sent, another one for each request', async () => {
  const leaf = ocspLeaf('Nonce')
  serve(leaf, { nonce: 'repeat' })
  assert.equal((await clocked.validate(leaf)).valid, true)
  clock().advance(5 * minute)
  assert.equal((await clocked.validate(leaf)).valid, true)
  assert.deepEqual(
    nonces.map(nonce => nonce?.length),
    [32, 32],
  )
  assert.notDeepEqual(nonces[0], nonces[1])
})

test('an answer with another nonce is refused', async () => {
  const leaf = ocspLeaf('Other nonce')
  serve(leaf, { nonce: 'other', nextUpdate: now(day) })
  const { valid, notes } = await clocked.validate(leaf)
  assert.deepEqual([valid, notes], [false, [{ outcome: 'failed', code: 'ocsp_nonce_mismatch' }]])
})

test('a responder that has repeated a nonce must go on doing so for seven days, for every certificate', async () => {
  const [first, second, third] = ['First', 'Second', 'Third'].map(ocspLeaf)
  assert.ok(first && second && third)
  serve(first, { nonce: 'repeat' })
  assert.equal((await clocked.validate(first)).valid, true)
  serve(second, { nonce: 'ignore', nextUpdate: now(30 * day) })
  const refused = await clocked.validate(second)
  assert.deepEqual([refused.valid, refused.notes], [false, [{ outcome: 'failed', code: 'ocsp_nonce_missing' }]])
  for (const nonce of ['refuse', 'bad-request'] as const) {
    clock().advance(20 * minute)
    nonces.length = 0
    serve(second, { nonce, nextUpdate: now(30 * day) })
    assert.equal((await clocked.validate(second)).valid, false)
    assert.equal(nonces.length, 1, 'it is not asked without a nonce')
  }
  clock().advance(8 * day)
  serve(third, { nonce: 'ignore', nextUpdate: now(30 * day) })
  assert.equal((await clocked.validate(third)).valid, true)
})

test('an answer whose signature does not hold says nothing about the responder', async () => {
  const [first, second] = ['Forged', 'Honest'].map(ocspLeaf)
  assert.ok(first && second)
  const impostor = createRoot('C=UT, O=Open, CN=Root', { ...longLived, key: testKey('p256', 'open impostor') })
  serve(first, { nonce: 'repeat', by: impostor })
  assert.equal((await clocked.validate(first)).valid, false)
  serve(second, { nonce: 'ignore' })
  assert.equal((await clocked.validate(second)).valid, true)
})

test('a responder that cannot read a nonce is asked without one', async () => {
  for (const nonce of ['refuse', 'bad-request'] as const) {
    await start()
    nonces.length = 0
    const leaf = ocspLeaf(nonce)
    serve(leaf, { nonce })
    assert.equal((await clocked.validate(leaf)).valid, true, nonce)
    assert.deepEqual(
      nonces.map(sent => sent?.length),
      [32, undefined],
    )
  }
})

test('an answer of long ago still revokes', async () => {
  const leaf = ocspLeaf('Revoked')
  serve(leaf, { revoked: true })
  assert.deepEqual((await clocked.validate(leaf)).codes, ['certificate_revoked'])
  clock().advance(6 * minute)
  server.answers.clear()
  const { valid, codes } = await clocked.validate(leaf)
  assert.deepEqual([valid, codes[0]], [false, 'certificate_revoked'])
})
