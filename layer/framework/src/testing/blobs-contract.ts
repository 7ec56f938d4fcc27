import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { Blobs, BlobsAdapter, StoredBlob } from '../blobs/blobs.ts'
import { failure } from './database/harness.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'

export interface BlobsUnderTest {
  readonly blobs: BlobsAdapter
  close(): Promise<void>
}

/** What every blob store does. Adapters are made with parts of 5 MB, where they have such; presigned URLs are really fetched. */
export function blobsContract(name: string, make: (given: { clock: ManualClock }) => Promise<BlobsUnderTest>): void {
  describe(`blobs contract: ${name}`, () => {
    let under: BlobsUnderTest
    const blobs = () => under.blobs
    before(async () => {
      under = await make({ clock: createManualClock(new Date()) })
    })
    after(() => under?.close())
    contentContract(blobs)
    failureContract(blobs)
    listContract(blobs)
    presignContract(blobs)
  })
}

const partBytes = 5 * 1024 * 1024

async function bytesOf(stored: StoredBlob | undefined): Promise<Buffer> {
  assert.ok(stored)
  const chunks: Uint8Array[] = []
  for await (const chunk of stored.body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The same buffer again and again, as some sources do, in chunks of an odd size. */
async function* chunked(content: Uint8Array, size = 65_521): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(size)
  for (let at = 0; at < content.byteLength; at += size) {
    const part = content.subarray(at, at + size)
    buffer.set(part)
    yield buffer.subarray(0, part.byteLength)
  }
}

function contentContract(blobs: () => Blobs): void {
  it('gives back what was put, with what it is', async () => {
    const content = Buffer.from('hello')
    const put = await blobs().put('a/first.txt', content, { contentType: 'text/plain' })
    assert.equal(put.sha256, createHash('sha256').update(content).digest('hex'))
    const stored = await blobs().get('a/first.txt')
    assert.deepEqual(await bytesOf(stored), content)
    const { modifiedAt, ...rest } = put
    assert.match(modifiedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    const { modifiedAt: stamp, ...info } = stored?.info ?? { modifiedAt: '' }
    assert.ok(stamp)
    assert.deepEqual({ ...info, sha256: put.sha256 }, rest)
    assert.deepEqual(info, { key: 'a/first.txt', size: 5, etag: put.etag, contentType: 'text/plain' })
    const head = await blobs().head('a/first.txt')
    assert.equal(head?.etag, put.etag)
    assert.ok(put.etag !== '' && !put.etag.includes('"'))
  })

  it('stores empty bodies, streams of any chunk size, and bodies of several parts', async () => {
    for (const size of [0, 1, 1_000_000, partBytes, partBytes + 1, 2 * partBytes + 17]) {
      const content = randomBytes(size)
      const put = await blobs().put('sizes', chunked(content))
      assert.equal(put.size, size)
      assert.equal(put.contentType, 'application/octet-stream')
      const stored = await blobs().get('sizes')
      assert.equal(stored?.info.size, size)
      assert.ok((await bytesOf(stored)).equals(content), `${size} bytes`)
    }
  })

  it('gives ranges, both ends included', async () => {
    await blobs().put('range', Buffer.from('0123456789'))
    const cut = async (start: number, end?: number) =>
      (await bytesOf(await blobs().get('range', { range: end === undefined ? { start } : { start, end } }))).toString()
    assert.deepEqual([await cut(0, 0), await cut(3, 5), await cut(8), await cut(8, 99)], ['0', '345', '89', '89'])
    assert.equal((await blobs().get('range', { range: { start: 3, end: 5 } }))?.info.size, 10)
    await failure(blobs().get('range', { range: { start: 10 } }), 'malformed_request')
    await failure(blobs().get('range', { range: { start: 5, end: 4 } }), 'malformed_request')
  })

  it('replaces whole, with another etag; a reader of the old content finishes it', async () => {
    const [old, next] = [randomBytes(3_000_000), randomBytes(2_000_000)]
    const first = await blobs().put('replaced', old)
    const reading = await blobs().get('replaced')
    const second = await blobs().put('replaced', next)
    assert.notEqual(first.etag, second.etag)
    assert.ok((await bytesOf(reading)).equals(old))
    assert.ok((await bytesOf(await blobs().get('replaced'))).equals(next))
  })

  it('deletes, quietly when there is none', async () => {
    await blobs().put('gone', Buffer.from('x'))
    await blobs().delete('gone')
    await blobs().delete('gone')
    assert.equal(await blobs().get('gone'), undefined)
    assert.equal(await blobs().head('gone'), undefined)
  })
}

function failureContract(blobs: () => Blobs): void {
  it('puts only where nothing is when asked to; of many at once one wins', async () => {
    await blobs().put('absent/1', Buffer.from('first'), { ifAbsent: true })
    await failure(blobs().put('absent/1', Buffer.from('second'), { ifAbsent: true }), 'conflict')
    assert.equal((await bytesOf(await blobs().get('absent/1'))).toString(), 'first')
    const large = () => blobs().put('absent/1', chunked(new Uint8Array(2 * partBytes)), { ifAbsent: true })
    await failure(large(), 'conflict')
    const racing = Array.from({ length: 10 }, (_, i) =>
      blobs().put('absent/2', Buffer.from(`${i}`), { ifAbsent: true }),
    )
    const outcomes = await Promise.allSettled(racing)
    assert.equal(outcomes.filter(outcome => outcome.status === 'fulfilled').length, 1)
    for (const outcome of outcomes) if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'conflict')
  })

  it('refuses more than maxBytes while it comes in, and stores nothing', async () => {
    await blobs().put('limited', Buffer.from('12345'), { maxBytes: 5 })
    let taken = 0
    async function* endless() {
      for (;;) {
        taken += 1
        yield new Uint8Array(1_000_000)
      }
    }
    await failure(blobs().put('limited', Buffer.from('123456'), { maxBytes: 5 }), 'payload_too_large')
    await failure(blobs().put('limited', endless(), { maxBytes: 12_000_000 }), 'payload_too_large')
    assert.equal(taken, 13)
    assert.equal((await bytesOf(await blobs().get('limited'))).toString(), '12345')
  })

  it('stores nothing of a body that breaks off, and passes its error on', async () => {
    for (const good of [10, partBytes + 10, 2 * partBytes + 10]) {
      async function* broken() {
        yield new Uint8Array(good)
        throw new RangeError('the source broke off')
      }
      await assert.rejects(blobs().put('broken', broken()), RangeError)
      assert.equal(await blobs().head('broken'), undefined)
    }
  })

  it('stops when the signal aborts, before and meanwhile', async () => {
    const signal = AbortSignal.abort()
    await failure(blobs().put('aborted', Buffer.from('x'), { signal }), 'deadline_exceeded')
    await failure(blobs().get('aborted', { signal }), 'deadline_exceeded')
    await failure(blobs().list('aborted', { signal }), 'deadline_exceeded')
    const controller = new AbortController()
    async function* body() {
      yield new Uint8Array(2 * partBytes)
      controller.abort()
      yield new Uint8Array(partBytes)
    }
    await failure(blobs().put('aborted', body(), { signal: controller.signal }), 'deadline_exceeded')
    assert.equal(await blobs().head('aborted'), undefined)
  })

  it('refuses keys that are no plain path', async () => {
    for (const key of [
      '',
      '/',
      '/a',
      'a/',
      'a//b',
      '../a',
      'a/../b',
      'a/.',
      'a\\b',
      'a b',
      'ä',
      'a%2e',
      'x'.repeat(513),
    ]) {
      await failure(blobs().put(key, Buffer.from('x')), 'malformed_request')
      await failure(blobs().get(key), 'malformed_request')
      await failure(blobs().presignGet(key, { expiresSeconds: 60 }), 'malformed_request')
    }
    await blobs().put(`${'x'.repeat(255)}/${'y'.repeat(256)}`, Buffer.from('long'))
  })
}

function listContract(blobs: () => Blobs): void {
  it('lists by prefix, in order, page by page', async () => {
    const keys = ['A.b', 'a', 'a-b', 'a/1', 'a/10', 'a/2', 'b'].map(name => `list/${name}`)
    for (const key of keys.toReversed()) await blobs().put(key, Buffer.from(key))
    const all = async (prefix: string, limit: number) => {
      const found: string[] = []
      for (let cursor: string | undefined; ; ) {
        const page = await blobs().list(prefix, { limit, cursor })
        found.push(...page.rows.map(row => row.key))
        assert.ok(page.rows.length <= limit)
        if (page.cursor === undefined) return found
        cursor = page.cursor
      }
    }
    for (const limit of [1, 3, 7, 100]) assert.deepEqual(await all('list/', limit), keys)
    assert.deepEqual(await all('list/a/1', 1), ['list/a/1', 'list/a/10'])
    assert.deepEqual(await all('nothing/', 10), [])
    const [row] = (await blobs().list('list/A')).rows
    assert.equal(row?.size, 8)
    const { cursor = '' } = await blobs().list('list/', { limit: 1 })
    await failure(blobs().list('list/a', { cursor }), 'cursor_invalid')
    await failure(blobs().list('list/', { limit: 0 }), 'malformed_request')
  })
}

function presignContract(blobs: () => Blobs): void {
  it('signs downloads and uploads that need no other credential', async () => {
    const content = randomBytes(100_000)
    const upload = await blobs().presignPut('signed/up', {
      expiresSeconds: 60,
      size: content.byteLength,
      contentType: 'application/zip',
    })
    assert.equal(upload.method, 'PUT')
    const { 'content-length': length, ...headers } = upload.headers
    assert.equal(length, '100000')
    const sent = await fetch(upload.url, { method: 'PUT', body: content, headers })
    assert.equal(sent.status, 200, await sent.text())
    assert.equal((await blobs().head('signed/up'))?.contentType, 'application/zip')
    const download = await blobs().presignGet('signed/up', { expiresSeconds: 60, filename: 'täst (1).zip' })
    const got = await fetch(download.url, { headers: download.headers })
    assert.equal(got.status, 200)
    assert.ok(Buffer.from(await got.arrayBuffer()).equals(content))
    assert.equal(got.headers.get('content-disposition'), "attachment; filename*=UTF-8''t%C3%A4st%20%281%29.zip")
    assert.ok(Date.parse(download.expiresAt) > Date.now() - 120_000)
  })

  it('a signed URL is good for its method, key, size and type only', async () => {
    await blobs().put('signed/other', Buffer.from('secret'))
    const upload = await blobs().presignPut('signed/strict', { expiresSeconds: 60, size: 3, contentType: 'text/plain' })
    const attempts = [
      fetch(upload.url.replace('signed/strict', 'signed/other'), {
        method: 'PUT',
        body: 'abc',
        headers: { 'content-type': 'text/plain' },
      }),
      fetch(upload.url, { method: 'PUT', body: 'abcd', headers: { 'content-type': 'text/plain' } }),
      fetch(upload.url, { method: 'PUT', body: 'abc', headers: { 'content-type': 'text/html' } }),
      fetch(upload.url),
      fetch(upload.url, { method: 'DELETE' }),
    ]
    for (const answer of await Promise.all(attempts)) {
      assert.ok(answer.status === 403 || answer.status === 413, `${answer.status}`)
      await answer.arrayBuffer()
    }
    assert.equal(await blobs().head('signed/strict'), undefined)
    assert.equal((await bytesOf(await blobs().get('signed/other'))).toString(), 'secret')
    for (const expiresSeconds of [0, 0.5, 8 * 86_400]) {
      await failure(blobs().presignGet('signed/up', { expiresSeconds }), 'malformed_request')
    }
  })
}
