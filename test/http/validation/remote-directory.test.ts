import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { base64, codes } from '../support/certificate-validation.fixture.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { addAnchor, csca, linkCertificate, longLived, sha256 } from '../support/trust-anchors.fixture.ts'

/** The deployment that has the directory. */
let theirs: TestPlatform
before(async () => {
  theirs = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => theirs.stop())

/** A deployment whose directory is another one's; `token` is what that one knows it by. */
async function startAsking(url: string, token: string): Promise<TestPlatform> {
  return startPlatform({
    env: {
      ...signingWith('ECDSA-SHA256'),
      MMF_SECRET_DIRECTORY: token,
      MMF__plugins__marty__pkd_url: url,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference to a secret.
      MMF__remote_services: JSON.stringify({ 'marty.pkd': { token: '${SECRET:directory}' } }),
    },
  })
}

const [old, renewed] = [csca('BA'), csca('BA', 2)]
const link = linkCertificate(old, renewed)
const signer = renewed.issue('C=BA, O=State, CN=Signer', longLived)

const judge = (marty: TestPlatform) =>
  marty.request('POST', '/v1/certificates/validate', {
    token: marty.token({ subject: 'inspector', roles: [], permissions: [] }),
    body: { profile: 'icao-dsc', certificate: base64(signer.der), directory: true, revocation: 'off' },
  })

test('a service that is configured as remote is asked at its address, as this deployment and not as the caller', async () => {
  const published = await theirs.request('POST', '/v1/pkd/certificates', {
    token: theirs.token({ subject: 'pkd', roles: ['pkd_administrator'], permissions: [] }),
    body: { certificate: base64(link) },
  })
  assert.equal(published.status, 201, published.text)
  const ours = await startAsking(theirs.url, theirs.token({ subject: 'our-deployment', roles: [], permissions: [] }))
  try {
    await addAnchor(ours, old.der)
    const asked = theirs.lines.length
    const verdict = await judge(ours)
    assert.equal(verdict.json.valid, true, verdict.text)
    assert.deepEqual(
      verdict.json.path.map((one: { sha256: string }) => one.sha256),
      [sha256(signer.der), sha256(link)],
    )
    const lookups = theirs.lines.slice(asked).filter(line => line['operation'] === 'pkd.lookup_public_key')
    assert.ok(lookups.length > 0, 'the other deployment answered')
    for (const line of lookups) {
      assert.equal(line['correlationId'], verdict.headers.get('x-correlation-id'))
      assert.equal(line['subject'], 'our-deployment')
    }
  } finally {
    await ours.stop()
  }
})

test('a remote service that refuses this deployment, answers nonsense or is gone costs no wrong verdict', async t => {
  const nonsense = createServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1')
  t.after(() => nonsense.close())
  await new Promise(resolve => nonsense.once('listening', resolve))
  const { port } = nonsense.address() as AddressInfo
  for (const [url, token] of [
    [theirs.url, 'no token of theirs'],
    [`http://127.0.0.1:${port}`, 'any'],
    ['http://127.0.0.1:1', 'any'],
    ['http://directory.invalid', 'any'],
  ] as const) {
    const ours = await startAsking(url, token)
    try {
      await addAnchor(ours, old.der)
      const answer = await judge(ours)
      assert.ok(answer.status === 503 || answer.json.valid === false, `${url}: ${answer.text}`)
      if (answer.status !== 503) assert.ok(codes(answer.json).length > 0, url)
      else assert.equal(answer.json.code, 'service_unavailable', url)
      assert.ok(!answer.text.includes(token), 'the token is in no answer')
      assert.ok(!JSON.stringify(ours.lines).includes(token === 'any' ? 'Bearer any' : token), 'the token is in no line')
    } finally {
      await ours.stop()
    }
  }
})
