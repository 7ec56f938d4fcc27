import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { LocalObservability } from '../../../layer/framework/src/observability/local-observability.ts'
import { crlNumber } from '../../../layer/pki/src/testing/index.ts'
import { base64, codes } from '../support/certificate-validation.fixture.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'
import { addAnchor, csca, linkCertificate, longLived, sha256 } from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const pkdAdministrator = () => marty.token({ subject: 'pkd', roles: ['pkd_administrator'], permissions: [] })

async function publish(path: string, body: object): Promise<TestAnswer> {
  const answer = await marty.request('POST', path, { token: pkdAdministrator(), body })
  assert.ok(answer.status < 300, answer.text)
  return answer
}

const judge = (body: object): Promise<TestAnswer> =>
  marty.request('POST', '/v1/certificates/validate', {
    token: marty.token({ subject: 'inspector', roles: [], permissions: [] }),
    body: { profile: 'icao-dsc', ...body },
  })

async function imported(jobId: string): Promise<void> {
  for (let round = 0; round < 500; round += 1) {
    await marty.relay.runDue()
    await new Promise(resume => setTimeout(resume, 20))
    const job = await marty.request('GET', `/v1/pkd/imports/${jobId}`, { token: pkdAdministrator() })
    if (job.json.state === 'completed') return
    assert.equal(job.json.state, 'running', job.text)
  }
  assert.fail('the import does not end')
}

test('the directory brings the link certificate that a path needs', async () => {
  const [old, renewed] = [csca('BA'), csca('BA', 2)]
  const link = linkCertificate(old, renewed)
  const signer = renewed.issue('C=BA, O=State, CN=Signer', longLived)
  await addAnchor(marty, old.der)
  await publish('/v1/pkd/certificates', { certificate: base64(link) })
  const certificate = base64(signer.der)

  const alone = await judge({ certificate })
  assert.equal(alone.json.valid, false, alone.text)
  const helped = await judge({ certificate, directory: true, revocation: 'off' })
  assert.equal(helped.json.valid, true, helped.text)
  assert.deepEqual(
    helped.json.path.map((one: { sha256: string }) => one.sha256),
    [sha256(signer.der), sha256(link)],
  )
})

test('the directory brings the CRL that was in force at the moment; one flow through both services', async () => {
  const authority = csca('BC')
  const [good, bad] = ['Good', 'Bad'].map(name => authority.issue(`C=BC, O=State, CN=${name}`, longLived))
  assert.ok(good && bad)
  await addAnchor(marty, authority.der)
  const certificates = [base64(good.der), base64(bad.der)]
  const without = await judge({ certificates, directory: true })
  for (const verdict of without.json.validations) {
    assert.deepEqual([verdict.valid, verdict.revocationMode], [false, 'required'])
    assert.deepEqual(codes(verdict), ['revocation_undetermined'])
  }

  const day = (days: number) => new Date(Date.now() + days * 86_400_000)
  const entries = [{ serial: bad.serial as number, revocationDate: day(-3) }]
  const earlier = authority.crl({ thisUpdate: day(-20), nextUpdate: day(-5), extensions: [crlNumber(1)] })
  const current = authority.crl({ thisUpdate: day(-1), nextUpdate: day(9), entries, extensions: [crlNumber(2)] })
  for (const crl of [earlier, current]) {
    await imported((await publish('/v1/pkd/imports', { crl: base64(crl) })).json.jobId)
  }
  const [now, then] = [
    await judge({ certificates, directory: true }),
    await judge({ certificates, directory: true, time: day(-10).toISOString() }),
  ]
  const outcome = ({ json }: TestAnswer) =>
    json.validations.map((verdict: { valid: boolean; revocation: { evidence: string; status: string }[] }) => [
      verdict.valid,
      ...verdict.revocation.map(({ evidence, status }) => [evidence, status]),
    ])
  assert.deepEqual(outcome(now), [
    [true, [sha256(current), 'good']],
    [false, [sha256(current), 'revoked']],
  ])
  assert.deepEqual(outcome(then), [
    [true, [sha256(earlier), 'good']],
    [true, [sha256(earlier), 'good']],
  ])
  for (const { validationId } of [...now.json.validations, ...then.json.validations]) {
    const token = marty.token({ subject: 'inspector', roles: [], permissions: [] })
    const path = `/v1/validations/${validationId}/replay`
    const replay = await marty.request('POST', path, { token, body: {} })
    assert.equal(replay.json.same, true, replay.text)
  }

  // What another function does is a tree of its own here, in the same trace.
  const traces = (marty.platform.http.observability as LocalObservability).traces()
  const flow = traces.findLast(({ root }) => root.name === 'certificate_validation_flow')
  const spans = traces
    .filter(({ traceId }) => traceId === flow?.traceId)
    .flatMap(({ root }) => [root.name, ...root.children.map(({ name }) => name)])
  assert.deepEqual(spans.sort(), [
    'certificate_signature_check',
    'certificate_validation_flow',
    'get_crl',
    'list_crls',
    'pkd_key_lookup',
    'revocation_status_check',
    'trust_chain_validation',
  ])
})

test('the directory is asked once for a name, however many certificates bear it', async () => {
  const authority = csca('BB')
  await addAnchor(marty, authority.der)
  const certificates = Array.from({ length: 30 }, (_, index) =>
    base64(authority.issue(`C=BB, O=State, CN=Signer ${index}`, longLived).der),
  )
  const asked = async () => {
    const { text } = await marty.request('GET', '/metrics')
    const lines = text.match(/^marty_pki_pkd_lookup_requests_total\{[^}]*\} (\d+)$/gm) ?? []
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }
  const before = await asked()
  const { json, text } = await judge({ certificates, directory: true, revocation: 'off' })
  assert.ok(
    json.validations.every(({ valid }: { valid: boolean }) => valid),
    text.slice(0, 500),
  )
  assert.ok((await asked()) - before <= 1, `${(await asked()) - before} lookups`)
})
