import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { after, before, beforeEach, test } from 'node:test'
import { lambdaContext } from '../../../infra/local/lambda-context.ts'
import { createRoot, type IssuedCertificate, testKey } from '../../../layer/pki/src/testing/index.ts'
import { functionOf } from '../../support/plugins.ts'
import { codes } from '../support/certificate-validation.fixture.ts'
import { fromNow, type OnlinePki, sends, startOnlinePki } from '../support/online-pki.ts'
import { badSources, loopbackOnly } from '../support/source-server.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'
import { addAnchor, base64, longLived, sha256 } from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
let pki: OnlinePki
before(async () => {
  pki = await startOnlinePki('Online')
  marty = await startPlatform({
    env: {
      ...signingWith('ECDSA-SHA256'),
      ...loopbackOnly,
      MMF__egress__timeout_seconds: '1',
      MMF__egress__max_bytes: '200000',
    },
  })
  const added = await addAnchor(marty, pki.root.der, { purposes: ['general'] })
  assert.equal(added.status, 201, added.text)
})
after(async () => {
  await marty.stop()
  await pki.close()
})
beforeEach(() => {
  pki.asked.clear()
  pki.answers.clear()
  pki.answers.set('/root.crl', sends(pki.crl(pki.root)))
})

const token = () => marty.token({ subject: 'inspector', roles: [], permissions: [] })

const judge = (leaf: IssuedCertificate, body: object = {}): Promise<TestAnswer> =>
  marty.request('POST', '/v1/certificates/validate', {
    token: token(),
    body: {
      certificate: base64(leaf.der),
      intermediates: [base64(pki.ca.der)],
      profile: 'rfc5280',
      fetch: true,
      ...body,
    },
  })

const note = ({ json }: TestAnswer, path: string) =>
  json.fetched.find(({ url }: { url: string }) => url === `${pki.origin}${path}`)

/** The names of what lies at a path in these tests; each has its own, since the platform remembers. */
const numbers = Array.from({ length: 1000 }, (_, index) => index).values()
const fresh = (suffix: string) => `/${numbers.next().value}.${suffix}`

test('CRLs come from where the certificates say, once until their nextUpdate', async () => {
  const crl = fresh('crl')
  const [leaf, other] = ['First', 'Second'].map(name => pki.leaf(name, { crl }))
  assert.ok(leaf && other)
  const list = pki.crl(pki.ca)
  pki.answers.set(crl, sends(list))

  const verdict = await judge(leaf)

  assert.equal(verdict.json.valid, true, verdict.text)
  assert.equal(verdict.json.revocationMode, 'required')
  assert.deepEqual(
    verdict.json.revocation.map(({ source, status }: { source: string; status: string }) => `${source} ${status}`),
    ['crl good', 'crl good'],
  )
  assert.deepEqual(note(verdict, crl), {
    kind: 'crl',
    url: `${pki.origin}${crl}`,
    outcome: 'fetched',
    contents: [sha256(list)],
  })
  assert.equal((await judge(other)).json.valid, true)
  assert.equal(pki.asked.get(crl), 1)
  assert.equal(note(await judge(leaf), crl).outcome, 'kept')
  assert.equal(pki.asked.get(crl), 1)
})

test('a list that names the certificate turns the verdict, and is kept with it: a repetition asks no server', async () => {
  const crl = fresh('crl')
  const leaf = pki.leaf('Listed', { crl })
  const entries = [{ serial: leaf.serial as number, revocationDate: fromNow(-2) }]
  pki.answers.set(crl, sends(pki.crl(pki.ca, { entries })))
  const { json, text } = await judge(leaf)
  assert.deepEqual([json.valid, codes(json)], [false, ['certificate_revoked']], text)

  pki.answers.delete(crl)
  const asked = pki.asked.get(crl)
  const again = await marty.request('POST', `/v1/validations/${json.validationId}/replay`, { token: token(), body: {} })
  assert.deepEqual([again.json.same, again.json.verdict.valid], [true, false], again.text)
  const stored = await marty.request('GET', `/v1/validations/${json.validationId}`, { token: token() })
  assert.equal(stored.json.inputs.fetched.length, json.fetched.length)
  assert.equal(pki.asked.get(crl), asked)
})

test('OCSP is asked by POST for the very certificate, and lists only for what it leaves open', async () => {
  const [ocsp, crl] = [fresh('ocsp'), fresh('crl')]
  const leaf = pki.leaf('Asked about', { ocsp, crl })
  const window = { thisUpdate: fromNow(-1), nextUpdate: fromNow(1) }
  const response = pki.ca.ocsp([{ certId: pki.ca.certId(leaf.serial), status: 'good', ...window }], {
    producedAt: fromNow(-1),
  })
  const requests: { method: string | undefined; type: string | undefined; bytes: number }[] = []
  pki.answers.set(ocsp, (request, answer) => {
    let bytes = 0
    request.on('data', chunk => {
      bytes += chunk.length
    })
    request.on('end', () => {
      requests.push({ method: request.method, type: request.headers['content-type'], bytes })
      answer.writeHead(200).end(response)
    })
  })

  const verdict = await judge(leaf)

  assert.equal(verdict.json.valid, true, verdict.text)
  assert.deepEqual(
    requests.map(({ method, type }) => [method, type]),
    [['POST', 'application/ocsp-request']],
  )
  assert.ok((requests[0]?.bytes ?? 0) > 50)
  const of = (certificate: number) =>
    verdict.json.revocation.filter((one: { certificate: number; status: string }) => one.certificate === certificate)
  assert.deepEqual([of(0)[0].source, of(0)[0].status], ['ocsp', 'good'])
  assert.equal((await judge(leaf)).json.valid, true)
  assert.equal(requests.length, 1, 'kept until its nextUpdate')
})

test('OCSP says revoked: no list is asked for', async () => {
  const [ocsp, crl] = [fresh('ocsp'), fresh('crl')]
  const leaf = pki.leaf('Revoked by OCSP', { ocsp, crl })
  const status = { revokedAt: fromNow(-3), reason: 'keyCompromise' as const }
  const single = { certId: pki.ca.certId(leaf.serial), status, thisUpdate: fromNow(-1), nextUpdate: fromNow(1) }
  pki.answers.set(ocsp, sends(pki.ca.ocsp([single], { producedAt: fromNow(-1) })))
  pki.answers.set(crl, sends(pki.crl(pki.ca)))
  const { json, text } = await judge(leaf)
  assert.deepEqual([json.valid, codes(json)], [false, ['certificate_revoked']], text)
  assert.equal(json.revocation[0].reason, 'keyCompromise')
  assert.equal(pki.asked.get(crl), undefined)
})

test('a forged OCSP answer decides nothing; the list does', async () => {
  const [ocsp, crl] = [fresh('ocsp'), fresh('crl')]
  const leaf = pki.leaf('Forged answer', { ocsp, crl })
  const single = {
    certId: pki.ca.certId(leaf.serial),
    status: 'good' as const,
    thisUpdate: fromNow(-1),
    nextUpdate: fromNow(1),
  }
  pki.answers.set(ocsp, sends(pki.ca.ocsp([single], { producedAt: fromNow(-1), corruptSignature: true })))
  const entries = [{ serial: leaf.serial as number, revocationDate: fromNow(-2) }]
  pki.answers.set(crl, sends(pki.crl(pki.ca, { entries })))
  const { json, text } = await judge(leaf)
  assert.deepEqual([json.valid, codes(json)], [false, ['certificate_revoked']], text)
})

test('an issuer that is not in the request comes from its address; one under an unknown root proves nothing', async () => {
  const [issuer, crl] = [fresh('cer'), fresh('crl')]
  const leaf = pki.leaf('Orphan', { issuer, crl })
  pki.answers.set(issuer, sends(pki.ca.der))
  pki.answers.set(crl, sends(pki.crl(pki.ca)))
  const alone = await judge(leaf, { intermediates: [], fetch: false })
  assert.deepEqual([alone.json.valid, codes(alone.json)], [false, ['no_path']])
  const helped = await judge(leaf, { intermediates: [] })
  assert.equal(helped.json.valid, true, helped.text)
  assert.equal(helped.json.path[1].sha256, sha256(pki.ca.der))

  const stranger = createRoot('C=UT, O=Stranger, CN=Root', longLived)
  const bad = fresh('cer')
  const own = stranger.issue('C=UT, CN=Own', {
    ...longLived,
    key: testKey(),
    extra: [],
  })
  pki.answers.set(bad, sends(stranger.der))
  const refused = await judge(own, { intermediates: [base64(stranger.der)] })
  assert.equal(refused.json.valid, false, refused.text)
})

test('what a certificate names is asked only when a trusted CA stands behind it', async () => {
  const crl = fresh('crl')
  const stranger = await startOnlinePki('Stranger')
  try {
    const leaf = stranger.leaf('Lure', { crl })
    const { json, text } = await judge(leaf, { intermediates: [base64(stranger.ca.der), base64(stranger.root.der)] })
    assert.equal(json.valid, false, text)
    assert.deepEqual([...stranger.asked], [])
  } finally {
    await stranger.close()
  }
})

for (const [name, code, answer] of [
  ...badSources.filter(([, bad]) => bad !== 'egress_failed'),
  ['breaks off', 'egress_failed', badSources.find(([bad]) => bad === 'breaks off')?.[2]] as const,
  ['has nothing there', 'status_404', undefined] as const,
  ['answers nothing', 'status_200', sends(new Uint8Array())] as const,
  ['sends a page', 'evidence_malformed', sends(Buffer.from('<html>no</html>'))] as const,
] as readonly (readonly [string, string, RequestListener | undefined])[]) {
  test(`a server that ${name}: undetermined is not valid, ${code} says why; soft-fail passes and says so`, async () => {
    const crl = fresh('crl')
    const leaf = pki.leaf(`Bad ${name}`, { crl })
    if (answer !== undefined) pki.answers.set(crl, answer)
    const { json, text } = await judge(leaf)
    assert.deepEqual([json.valid, codes(json).includes('revocation_undetermined')], [false, true], text)
    assert.deepEqual(
      [note({ json } as TestAnswer, crl).outcome, note({ json } as TestAnswer, crl).code],
      ['failed', code],
    )
    const soft = await judge(leaf, { revocation: 'soft-fail' })
    assert.deepEqual([soft.json.valid, codes(soft.json).includes('revocation_undetermined')], [true, true], soft.text)
    assert.equal(
      pki.asked.get(crl),
      name === 'redirects for ever' ? 4 : 1,
      'who has just failed is not asked again at once',
    )
  })
}

test('the schedule fetches a list again; what is forged does not push out what was proven', async () => {
  const crl = fresh('crl')
  const leaf = pki.leaf('Refreshed', { crl })
  const good = pki.crl(pki.ca, { thisUpdate: fromNow(-20), nextUpdate: fromNow(0.001) })
  pki.answers.set(crl, sends(good))
  assert.equal((await judge(leaf)).json.valid, true)
  const row = () => storedRows(marty.dataDirectory, 'fetched_evidence').find(({ url }) => url.endsWith(crl))
  assert.equal(row().proven.sha256, sha256(good))
  assert.ok(Date.parse(row().refreshAt) > Date.now())

  const handler = functionOf('certificate_validation').create(async () => marty.platform.http)
  await handler(
    { mmf: 'schedule', operation: 'certificate_validation.refresh_evidence' },
    lambdaContext('refresh', 20_000),
  )
  assert.equal(pki.asked.get(crl), 1, 'not due yet')
})

test('online verification can be switched off', async () => {
  const off = await startPlatform({
    env: { ...signingWith('ECDSA-SHA256'), MMF__plugins__marty__enable_online_verification: 'false' },
  })
  try {
    const leaf = pki.leaf('Switched off', { crl: fresh('crl') })
    const refused = await off.request('POST', '/v1/certificates/validate', {
      token: off.token(),
      body: { certificate: base64(leaf.der), profile: 'rfc5280', fetch: true },
    })
    assert.deepEqual(
      [refused.status, refused.json.code, refused.json.errors[0].path],
      [422, 'validation_failed', 'fetch'],
    )
  } finally {
    await off.stop()
  }
})
