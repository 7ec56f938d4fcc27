import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { openLocalIssuer } from '../../infra/local/issuer/local-issuer.ts'
import { storedRows } from '../http/support/stored-rows.ts'
import { ensureBuilt } from './ensure-built.ts'
import { paste, printedCommands, toolsMissing } from './pasted-commands.ts'
import { type Running, startMain, temporaryFolder } from './start-main.ts'

before(ensureBuilt)

const folder = temporaryFolder()
after(() => folder.remove())
const dataDirectory = `${folder.path}/it's my data`
const fast = { MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]' }

/** Runs it, and ends it whatever happens. */
async function running(env: Record<string, string>, use: (marty: Running) => Promise<void>) {
  const marty = await startMain({ MARTY_DATA_DIR: dataDirectory, ...env })
  try {
    await use(marty)
  } finally {
    await marty.stop('SIGKILL')
  }
}

function tokenOf(data: string): string {
  const issuer = openLocalIssuer({ dataDirectory: data, clock: { now: () => new Date() } })
  return issuer.issueToken({ subject: 'dev', roles: ['document_signer'], permissions: ['sign_documents'] })
}

const signBody = JSON.stringify({ document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' })

async function asked(url: string, path: string, body?: string) {
  const headers = { authorization: `Bearer ${tokenOf(dataDirectory)}`, 'content-type': 'application/json' }
  const response = await fetch(`${url}${path}`, body === undefined ? { headers } : { method: 'POST', headers, body })
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at member by member.
  return { status: response.status, json: (await response.json()) as any }
}

describe('what npm start prints', () => {
  it('says where it answers, which environment, where the data lies', async () => {
    await running(fast, async ({ url, stdout }) => {
      assert.match(stdout(), new RegExp(`^Marty answers at ${url}$`, 'm'))
      assert.match(stdout(), /^ {2}environment {2}development$/m)
      assert.ok(stdout().includes(`data         ${dataDirectory}\n`))
      assert.equal((await asked(url, '/health')).json.plugin, 'MartyTrustPKI, Notary')
    })
  })

  const environments: Record<string, Record<string, string>> = {
    development: {},
    'stronger algorithms': { MMF__plugins__marty__signing_algorithms: '["RSA-SHA384","ECDSA-SHA384"]' },
    'RSA-PSS only': { MMF__plugins__marty__signing_algorithms: '["ML-DSA-44","RSA-PSS-SHA512"]' },
    'ML-DSA only': { MMF__plugins__marty__signing_algorithms: '["ML-DSA-65"]' },
  }
  for (const [name, env] of Object.entries(environments)) {
    it(`are commands that work when pasted: ${name}`, { skip: toolsMissing() }, async () => {
      await running(env, async ({ stdout }) => {
        const printed = paste(printedCommands(stdout()))
        assert.match(printed, /^\{"signatureId":"[0-9a-f-]{36}","signature":/m)
        assert.match(printed, /^\{"valid":true\}$/m)
        if (name !== 'ML-DSA only') assert.match(printed, /^Verified OK$/m)
        if (name === 'stronger algorithms') assert.match(printed, /"algorithm":"RSA-SHA384"/)
      })
    })
  }

  const production = {
    ...fast,
    MMF_ENVIRONMENT: 'production',
    MMF_TOKEN_ISSUER: 'https://issuer.example',
    MMF_TOKEN_AUDIENCE: 'marty',
    MMF_TOKEN_JWKS_URI: 'https://issuer.example/jwks',
    MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA384"]',
  }

  it('names the configured issuer, and no command that would make a token here', async () => {
    await running({ ...production, MMF__plugins__marty__require_mutual_tls: 'false' }, async ({ stdout }) => {
      assert.match(stdout(), /^ {2}environment {2}production$/m)
      assert.match(stdout(), /^ {2}tokens {7}of https:\/\/issuer\.example only$/m)
      assert.match(stdout(), /"signingAlgorithm\\":\\"ECDSA-SHA384\\"/)
      assert.doesNotMatch(stdout(), /cli -- token/)
    })
  })

  it('is an explanation where client certificates are required', async () => {
    await running(production, async ({ url, stdout }) => {
      assert.match(stdout(), /require_mutual_tls/)
      assert.doesNotMatch(stdout(), /curl/)
      assert.equal((await asked(url, '/v1/signatures')).json.code, 'client_certificate_required')
    })
  })
})

describe('stopping', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`finishes the requests in flight on ${signal}`, async () => {
      await running(fast, async marty => {
        const { port, hostname } = new URL(marty.url)
        const socket = connect(Number(port), hostname)
        const head = ['POST /v1/documents/sign HTTP/1.1', 'host: x', `content-length: ${signBody.length}`]
        const more = [`authorization: Bearer ${tokenOf(dataDirectory)}`, 'content-type: application/json', '', '']
        socket.write([...head, ...more].join('\r\n') + signBody.slice(0, 5))
        // Once another request has been answered, the first half of this one has been read.
        await asked(marty.url, '/health')
        const stopped = marty.stop(signal)
        await untilRefused(marty.url)
        socket.write(signBody.slice(5))
        const [answer] = (await once(socket, 'data')) as [Buffer]
        assert.match(answer.toString(), /^HTTP\/1\.1 201 /)
        assert.equal(await stopped, 0)
        const { signatureId } = JSON.parse(answer.toString().split('\r\n\r\n')[1] ?? '')
        const records = storedRows(dataDirectory, 'signature_records')
        assert.ok(records.some(record => record.signatureId === signatureId))
      })
    })
  }

  it('keeps the state: keys, records, the issuer of tokens', async () => {
    let token = ''
    // biome-ignore lint/suspicious/noExplicitAny: an answer.
    let signed: any
    await running(fast, async marty => {
      token = tokenOf(dataDirectory)
      signed = (await asked(marty.url, '/v1/documents/sign', signBody)).json
      assert.equal(await marty.stop(), 0)
      assert.equal(marty.stderr(), '')
    })
    await running(fast, async ({ url }) => {
      const headers = { authorization: `Bearer ${token}` }
      const record = await fetch(`${url}/v1/signatures/${signed.signatureId}`, { headers })
      assert.equal(((await record.json()) as { signature: string }).signature, signed.signature)
      const verified = await asked(url, '/v1/documents/verify', JSON.stringify({ document: 'AAAA', signature: signed }))
      assert.deepEqual(verified.json, { valid: true })
      const again = await asked(url, '/v1/documents/sign', signBody)
      assert.deepEqual([again.json.keyId, again.json.keyVersion], [signed.keyId, signed.keyVersion])
    })
  })
})

async function untilRefused(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const refused = await fetch(`${url}/health`, { headers: { connection: 'close' } }).then(
      () => false,
      () => true,
    )
    if (refused) return
    await new Promise(done => setTimeout(done, 20))
  }
  assert.fail('it still takes new connections')
}
