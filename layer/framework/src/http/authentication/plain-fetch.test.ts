import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../clock/clock.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import { startLoopbackServer } from '../../testing/loopback-server.ts'
import { createJwksCache } from './jwks-cache.ts'
import { plainFetch } from './plain-fetch.ts'

const ask = async (t: TestContext, listener: RequestListener, more: { timeoutMs?: number; maxBytes?: number } = {}) => {
  const server = await startLoopbackServer(listener)
  t.after(() => server.close())
  const failures: Error[] = []
  const onFailure = (error: Error) => void failures.push(error)
  const options = { url: `${server.origin}/jwks`, fetch: plainFetch, clock: systemClock, onFailure, ...more }
  return { source: createJwksCache(options), failures }
}

test('a key set is fetched', async t => {
  const asked: unknown[] = []
  const { source, failures } = await ask(t, ({ url, headers }, response) => {
    asked.push([url, headers.accept, headers['accept-encoding']])
    response.end('{"keys":[]}')
  })
  await assert.rejects(source.find('k', 'ES256'), error => isMmfError(error, 'token_key_unknown'))
  assert.deepEqual(asked, [['/jwks', 'application/jwk-set+json, application/json', 'identity']])
  assert.deepEqual(failures, [])
})

const refused: readonly (readonly [string, RequestListener, RegExp])[] = [
  ['an error', (_, response) => void response.writeHead(500).end('broken'), /^status 500 from/],
  ['a redirect', (_, response) => void response.writeHead(302, { location: '/other' }).end(), /^status 302 from/],
  ['too much', (_, response) => void response.end('x'.repeat(2000)), /^more than 1000 bytes/],
  ['an answer that never ends', (_, response) => void response.write('{'), /^no answer from .* within 200 ms/],
  ['a connection that is cut', request => void request.socket.destroy(), /hang up|ECONNRESET/],
]
for (const [what, listener, expected] of refused) {
  test(`${what} is a failed fetch, and 503`, async t => {
    const { source, failures } = await ask(t, listener, { timeoutMs: 200, maxBytes: 1000 })
    await assert.rejects(source.find('k', 'ES256'), error => isMmfError(error, 'token_issuer_unavailable'))
    assert.equal(failures.length, 1)
    assert.match(failures[0]?.message ?? '', expected)
  })
}
