import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { openLocalIssuer } from '../../infra/local/issuer/local-issuer.ts'
import { ensureBuilt } from './ensure-built.ts'
import { type Running, startMain, temporaryFolder } from './start-main.ts'

const folder = temporaryFolder()
const dataDirectory = join(folder.path, 'data')
let marty: Running

before(async () => {
  await ensureBuilt()
  marty = await startMain({
    MARTY_DATA_DIR: dataDirectory,
    MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]',
    MMF__plugins__resources: JSON.stringify({
      marty: { services: { document_signer: { isolation: 'process', memory_mb: 256 } } },
    }),
  })
})
after(async () => {
  await marty.stop('SIGTERM')
  folder.remove()
})

const pids = () =>
  marty
    .stdout()
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown>)
    .filter(({ message }) => message === 'service process started')
    .map(({ pid }) => Number(pid))

async function until(what: string, holds: () => boolean | Promise<boolean>) {
  for (let tries = 0; tries < 800; tries += 1) {
    if (await holds()) return
    await new Promise(done => setTimeout(done, 25))
  }
  assert.fail(`${what}: ${marty.stdout().slice(-2000)}${marty.stderr()}`)
}

it('the process of a service is killed under load: its requests are 503, the others are served, what was signed is there', async () => {
  const token = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } }).issueToken({
    subject: 'dev',
    roles: ['document_signer', 'auditor'],
    permissions: ['sign_documents'],
    ttlSeconds: 600,
  })
  const authorization = `Bearer ${token}`
  const sign = async () => {
    const answer = await fetch(`${marty.url}/v1/documents/sign`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: an answer.
    return { status: answer.status, json: (await answer.json()) as any }
  }
  const other = async () =>
    (await fetch(`${marty.url}/v1/pkd/keys?fingerprint=${'a'.repeat(64)}`, { headers: { authorization } })).status

  assert.equal((await sign()).status, 201)
  const expected = await other()
  assert.notEqual(expected, 503)
  const signed: string[] = []
  const kinds = new Set<string>()
  let going = true
  const load = [1, 2, 3, 4].map(async () => {
    while (going) {
      const { status, json } = await sign()
      kinds.add(`${status} ${json.code ?? ''}`)
      if (status === 201) signed.push(json.signatureId)
      else await new Promise(done => setTimeout(done, 20))
      assert.equal(await other(), expected)
    }
  })
  for (let round = 1; round <= 2; round += 1) {
    await until('signatures', () => signed.length >= round * 5)
    process.kill(pids().at(-1) ?? assert.fail('no pid'), 'SIGKILL')
    await until('a new process', () => pids().length === round + 1)
    const before = signed.length
    await until('signatures again', () => signed.length > before + 5)
  }
  going = false
  await Promise.all(load)
  assert.deepEqual([...kinds].sort(), ['201 ', '503 service_unavailable'])
  for (const id of signed) {
    const { status } = await fetch(`${marty.url}/v1/signatures/${id}`, { headers: { authorization } })
    assert.equal(status, 200)
  }
  const metrics = await (await fetch(`${marty.url}/metrics`)).text()
  assert.match(metrics, /^mmf_service_process_ends_total\{plugin="marty",service="document_signer"\} 2$/m)
})
