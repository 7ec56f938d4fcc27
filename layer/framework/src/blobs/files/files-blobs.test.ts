import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { systemClock } from '../../clock/clock.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import { blobsContract } from '../../testing/blobs-contract.ts'
import { failure } from '../../testing/database/harness.ts'
import { startLoopbackServer } from '../../testing/loopback-server.ts'
import { createManualClock } from '../../testing/manual-clock.ts'
import type { Blobs } from '../blobs.ts'
import { createBlobUrls } from './blob-urls.ts'
import { createFilesBlobs } from './files-blobs.ts'
import { serveBlobUrl } from './serve-blob-url.ts'

const root = mkdtempSync(join(tmpdir(), 'mmf-blobs-'))
after(() => rmSync(root, { recursive: true }))
const secret = new Uint8Array(32).fill(7)

async function answer(
  blobs: Blobs,
  urls: ReturnType<typeof createBlobUrls>,
  message: IncomingMessage,
  response: ServerResponse,
) {
  try {
    const { method = '', url = '', headers } = message
    const served = await serveBlobUrl(blobs, urls, {
      method,
      url,
      headers: headers as Record<string, string>,
      body: message,
    })
    response.writeHead(served.status, served.headers)
    for await (const chunk of served.body ?? []) response.write(chunk)
  } catch (error) {
    response.writeHead(isMmfError(error) ? error.entry.status : 500, { connection: 'close' })
  }
  response.end()
}

blobsContract('files', async ({ clock }) => {
  let handle: (message: IncomingMessage, response: ServerResponse) => Promise<void> = async () => {}
  const server = await startLoopbackServer((message, response) => void handle(message, response))
  const urls = createBlobUrls({ baseUrl: `${server.origin}/blobs`, secret, clock })
  const blobs = createFilesBlobs({ directory: join(root, 'contract'), clock, urls })
  handle = (message, response) => answer(blobs, urls, message, response)
  return { blobs, close: () => server.close() }
})

describe('blobs in files', () => {
  it('are private, leave nothing of failed puts, and clear what was abandoned a day ago', async () => {
    const directory = join(root, 'own')
    const blobs = createFilesBlobs({ directory, clock: systemClock })
    await blobs.put('kept', Buffer.from('kept'))
    await failure(blobs.put('large', Buffer.from('large'), { maxBytes: 1 }), 'payload_too_large')
    await failure(blobs.put('kept', Buffer.from('again'), { ifAbsent: true }), 'conflict')
    const contents = join(directory, 'contents')
    assert.equal(readdirSync(contents).length, 1)
    assert.equal(readdirSync(join(directory, 'entries')).length, 1)
    assert.equal(statSync(directory).mode & 0o077, 0)
    for (const [name, age] of [
      ['old', 90_000],
      ['young', 3600],
    ] as const) {
      writeFileSync(join(contents, name), name)
      const time = Date.now() / 1000 - age
      utimesSync(join(contents, name), time, time)
    }
    const again = createFilesBlobs({ directory, clock: systemClock })
    await again.ping()
    assert.ok(!readdirSync(contents).includes('old'))
    assert.ok(readdirSync(contents).includes('young'))
    assert.equal((await again.head('kept'))?.size, 4)
  })

  it('remove replaced contents a minute later', async () => {
    const clock = createManualClock(new Date())
    const blobs = createFilesBlobs({ directory: join(root, 'replaced'), clock })
    const contents = () => readdirSync(join(root, 'replaced', 'contents')).length
    for (let i = 0; i < 3; i++) await blobs.put('a', Buffer.from(`${i}`))
    assert.equal(contents(), 3)
    clock.advance(60_000)
    await blobs.put('a', Buffer.from('3'))
    assert.equal(contents(), 2)
    clock.advance(60_000)
    await blobs.delete('a')
    assert.equal(contents(), 1)
  })

  it('say so when the folder cannot be used, and when no URL is configured', async () => {
    writeFileSync(join(root, 'file'), 'in the way')
    const blobs = createFilesBlobs({ directory: join(root, 'file'), clock: systemClock })
    await failure(blobs.put('a', Buffer.from('a')), 'service_unavailable')
    await failure(blobs.ping(), 'service_unavailable')
    await failure(blobs.presignGet('a', { expiresSeconds: 60 }), 'service_unavailable')
  })
})

describe('createBlobUrls', () => {
  const clock = createManualClock()
  const urls = createBlobUrls({ baseUrl: 'http://127.0.0.1:1/blobs', secret, clock })

  it('verifies what it signed until it expires', () => {
    const { url } = urls.sign({ method: 'PUT', key: 'a/b', size: 5, contentType: 'text/plain' }, 60)
    assert.deepEqual(urls.verify('PUT', url), { method: 'PUT', key: 'a/b', size: 5, contentType: 'text/plain' })
    assert.deepEqual(urls.verify('PUT', url.replace('http://127.0.0.1:1', '')), urls.verify('PUT', url))
    clock.advance(60_000)
    assert.throws(() => urls.verify('PUT', url), { code: 'access_denied' })
  })

  it('refuses every change', () => {
    const { url } = urls.sign({ method: 'GET', key: 'a/b', filename: 'x' }, 60)
    const changed = [
      url.replace('a/b', 'a/c'),
      url.replace('/blobs/', '/blobs/../'),
      url.replace('filename=x', 'filename=y'),
      url.replace('filename=x&', ''),
      `${url}&size=1`,
      url.replace(/expires=\d+/, 'expires=9999999999'),
      url.replace(/signature=.*/, 'signature='),
      url.replace(/&signature=.*/, ''),
    ]
    for (const bad of changed) assert.throws(() => urls.verify('GET', bad), { code: 'access_denied' }, bad)
    assert.throws(() => urls.verify('PUT', url), { code: 'access_denied' })
    const other = createBlobUrls({ baseUrl: 'http://127.0.0.1:1/blobs', secret: new Uint8Array(32), clock })
    assert.throws(() => other.verify('GET', url), { code: 'access_denied' })
    assert.throws(() => createBlobUrls({ baseUrl: '', secret: new Uint8Array(31), clock }), TypeError)
  })
})
