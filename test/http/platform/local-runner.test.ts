import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

// What a deployed environment has from AWS, and this machine from its runner.

const env = signingWith('ECDSA-SHA256')

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'marty-runner-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return join(path, 'data')
}

async function startUpload(marty: TestPlatform, size: number) {
  const token = marty.token({ roles: ['pkd_administrator'] })
  const started = await marty.request('POST', '/v1/pkd/uploads', { token, body: { size } })
  assert.equal(started.status, 201, started.text)
  return started.json
}

/** The runner of a test takes another port each time; what is signed does not depend on it. */
const on = (marty: TestPlatform, url: string) => marty.url + new URL(url).pathname + new URL(url).search

test('a presigned URL takes more than a function would, and is good after a restart', async t => {
  const dataDirectory = folder(t)
  const body = randomBytes(11 * 1024 * 1024)
  const first = await startPlatform({ dataDirectory, env })
  const upload = await startUpload(first, body.length)
  await first.stop()
  const again = await startPlatform({ dataDirectory, env })
  t.after(() => again.stop())
  const put = (url: string) =>
    fetch(url, { method: 'PUT', body, headers: { 'content-type': upload.headers['content-type'] } })
  assert.equal((await put(on(again, upload.url))).status, 200)
  const stored = await again.platform.http.blobs.head(`marty/pkd/uploads/${upload.uploadId}`)
  assert.equal(stored?.size, body.length)
  assert.match(
    await putExpecting(on(again, upload.url), body, upload.headers['content-type']),
    /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /,
  )
  const forged = await fetch(on(again, upload.url).replace(/size=\d+/, 'size=1'), { method: 'PUT', body: 'x' })
  assert.deepEqual([forged.status, JSON.parse(await forged.text()).code], [403, 'access_denied'])
})

/** As curl sends larger bodies: the head first, and the body once it was asked for. */
async function putExpecting(url: string, body: Uint8Array, type: string): Promise<string> {
  const { port, hostname, pathname, search } = new URL(url)
  const socket = connect(Number(port), hostname)
  const head = `host: x\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}`
  socket.write(`PUT ${pathname}${search} HTTP/1.1\r\n${head}\r\n\r\n`)
  const [interim] = (await once(socket, 'data')) as [Buffer]
  socket.write(body)
  return interim.toString() + Buffer.concat(await socket.toArray()).toString()
}

test('the secret of presigned URLs is kept apart from the data, for its owner alone', async t => {
  const dataDirectory = folder(t)
  const marty = await startPlatform({ dataDirectory, env })
  await marty.stop()
  const file = join(`${dataDirectory}-secret`, 'blob-urls.secret')
  if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.ok(statSync(file).size >= 32)
})

test('what a request may have committed is delivered at once', async t => {
  const marty = await startPlatform({ env })
  t.after(() => marty.stop())
  const wake = t.mock.method(marty.relay, 'wake')
  await marty.request('GET', '/health')
  assert.equal(wake.mock.callCount(), 0)
  const body = { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }
  assert.equal((await marty.request('POST', '/v1/documents/sign', { token: marty.token(), body })).status, 201)
  assert.equal(wake.mock.callCount(), 1)
})
