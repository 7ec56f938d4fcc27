import assert from 'node:assert/strict'
import type { JsonWebKey } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { createJwksCache, type JwksCacheOptions } from './jwks-cache.ts'
import type { KeySource } from './key-source.ts'
import { createTokenVerifier } from './token-verifier.ts'
import { testAudience, testClock, testIssuer, testKey, tokenOf, withCode } from './tokens.fixture.ts'

const first = testKey('ES256', 'first')
const second = testKey('ES256', 'second')
const find = (source: KeySource, kid: string) => source.find(kid, 'ES256')

/** An issuer whose key set can be changed and whose answers are counted. */
function issuer(...keys: JsonWebKey[]) {
  const state = { keys, status: 200, fetches: 0, failures: 0 }
  const clock = testClock()
  const options: JwksCacheOptions = {
    url: 'https://issuer.example/jwks',
    clock,
    fetch: async () => {
      state.fetches++
      await new Promise(resolve => setImmediate(resolve))
      return new Response(JSON.stringify({ keys: state.keys }), { status: state.status })
    },
    onFailure: () => {
      state.failures++
    },
  }
  return { state, clock, options, source: createJwksCache(options) }
}

describe('JWKS cache', () => {
  it('fetches once for any number of overlapping and later requests', async () => {
    const { source, state } = issuer(first.jwk)
    await Promise.all(Array.from({ length: 50 }, () => find(source, 'first')))
    await find(source, 'first')
    assert.equal(state.fetches, 1)
  })

  it('finds a rotated key with one more fetch, and never floods the issuer', async () => {
    const { source, state, clock } = issuer(first.jwk)
    await find(source, 'first')
    state.keys = [first.jwk, second.jwk]
    await assert.rejects(find(source, 'second'), withCode('token_key_unknown'))
    assert.equal(state.fetches, 1, 'within the cool-down')
    clock.advance(30)
    const found = await Promise.all(Array.from({ length: 20 }, () => find(source, 'second')))
    assert.equal(found[0]?.kid, 'second')
    assert.equal(state.fetches, 2)
    for (let n = 0; n < 100; n++) {
      await assert.rejects(find(source, `made-up-${n}`), withCode('token_key_unknown'))
    }
    assert.equal(state.fetches, 2)
    clock.advance(30)
    await assert.rejects(find(source, 'made-up'), withCode('token_key_unknown'))
    assert.equal(state.fetches, 3)
  })

  it('drops a withdrawn key when the set is old', async () => {
    const { source, state, clock } = issuer(first.jwk)
    await find(source, 'first')
    state.keys = [second.jwk]
    clock.advance(599)
    await find(source, 'first')
    clock.advance(1)
    await assert.rejects(find(source, 'first'), withCode('token_key_unknown'))
    assert.equal(state.fetches, 2)
  })

  it('serves the old set while the issuer fails, for a day', async () => {
    const { source, state, clock } = issuer(first.jwk)
    await find(source, 'first')
    state.status = 500
    clock.advance(600)
    await find(source, 'first')
    await find(source, 'first')
    assert.deepEqual([state.fetches, state.failures], [2, 1], 'no second attempt at once')
    await assert.rejects(find(source, 'second'), withCode('token_issuer_unavailable'))
    clock.advance(5)
    await find(source, 'first')
    assert.equal(state.fetches, 3)
    clock.advance(86_400)
    await assert.rejects(find(source, 'first'), withCode('token_issuer_unavailable'))
    state.status = 200
    clock.advance(5)
    await find(source, 'first')
  })

  it('an issuer that hangs delays no other caller while the old set serves: one caller refreshes, for a moment, all others answer at once', {
    timeout: 1500,
  }, async () => {
    const { options, state, clock } = issuer(first.jwk)
    const { promise: never, resolve: answer } = Promise.withResolvers<void>()
    let isHanging = false
    const source = createJwksCache({
      ...options,
      timeoutMs: 3000,
      refreshWaitMs: 20,
      fetch: async (...request) => {
        if (isHanging) await never
        return options.fetch(...request)
      },
    })
    await find(source, 'first')
    isHanging = true
    clock.advance(600)
    const refreshing = find(source, 'first')
    let isWaiting = true
    const done = refreshing.then(() => {
      isWaiting = false
    })
    await Promise.all(Array.from({ length: 20 }, () => find(source, 'first')))
    assert.equal(isWaiting, true, 'the others did not wait for the one that refreshes')
    await done
    state.keys = [second.jwk]
    answer()
    assert.equal((await find(source, 'second')).kid, 'second', 'who needs a new key waits for the refresh under way')
    await assert.rejects(find(source, 'first'), withCode('token_key_unknown'))
    assert.equal(state.fetches, 2)
  })

  it('an issuer that hangs is asked once for each pause, however many ask, and an unknown kid waits no longer than the fetch', {
    timeout: 1500,
  }, async () => {
    const { options, clock } = issuer(first.jwk)
    let isHanging = false
    let asked = 0
    const source = createJwksCache({
      ...options,
      timeoutMs: 30,
      refreshWaitMs: 1,
      fetch: (...request) => {
        asked += 1
        return isHanging ? new Promise(() => {}) : options.fetch(...request)
      },
    })
    await find(source, 'first')
    isHanging = true
    clock.advance(600)
    const strangers = Array.from({ length: 50 }, (_, n) =>
      assert.rejects(find(source, `made-up-${n}`), withCode('token_issuer_unavailable')),
    )
    await Promise.all([...strangers, ...Array.from({ length: 50 }, () => find(source, 'first'))])
    assert.equal(asked, 2)
    await assert.rejects(find(source, 'made-up'), withCode('token_issuer_unavailable'))
    await find(source, 'first')
    assert.equal(asked, 2, 'not again within the pause')
    clock.advance(5)
    await Promise.all(Array.from({ length: 50 }, () => find(source, 'first')))
    assert.equal(asked, 3)
  })

  it('a clock that is set back makes no set young for ever', async () => {
    const { source, state, clock } = issuer(first.jwk)
    await find(source, 'first')
    clock.advance(-86_400)
    await find(source, 'first')
    state.keys = [second.jwk]
    clock.advance(600)
    await assert.rejects(find(source, 'first'), withCode('token_key_unknown'))
    assert.equal(state.fetches, 2)
  })

  it('answers 503 with Retry-After when there never was a set, and recovers', async () => {
    const { source, state, clock } = issuer(first.jwk)
    state.status = 503
    const error = await find(source, 'first').catch((cause: unknown) => cause)
    withCode('token_issuer_unavailable')(error)
    assert.equal((error as { headers: Record<string, string> }).headers['retry-after'], '5')
    await assert.rejects(find(source, 'first'), withCode('token_issuer_unavailable'))
    assert.equal(state.fetches, 1)
    state.status = 200
    clock.advance(5)
    await find(source, 'first')
    assert.equal(state.fetches, 2)
  })

  it('refuses what is no JWK Set', async () => {
    for (const body of [
      '',
      '[]',
      '{}',
      '{"keys":{}}',
      `{"keys":[${'0,'.repeat(100)}0]}`,
      '\ufeff{"keys":[]}',
      `{"keys":[],"keys":[${JSON.stringify(first.jwk)}]}`,
    ]) {
      const { options } = issuer()
      const source = createJwksCache({ ...options, fetch: async () => new Response(body) })
      await assert.rejects(find(source, 'first'), withCode('token_issuer_unavailable'))
    }
  })

  it('lets a caller go whose time is over; the fetch goes on for the others', async () => {
    const { source, state } = issuer(first.jwk)
    const abort = new AbortController()
    const impatient = source.find('first', 'ES256', { signal: abort.signal })
    const patient = find(source, 'first')
    abort.abort()
    await assert.rejects(impatient, withCode('deadline_exceeded'))
    await patient
    assert.equal(state.fetches, 1)
  })

  it('ends a fetch that never answers, even one that ignores its signal', async () => {
    const { options } = issuer()
    const source = createJwksCache({ ...options, timeoutMs: 20, fetch: () => new Promise(() => {}) })
    await assert.rejects(find(source, 'first'), withCode('token_issuer_unavailable'))
  })

  it('works in a verifier: old and new tokens verify through a rotation', async () => {
    const { source, state, clock } = issuer(first.jwk)
    const verifier = createTokenVerifier({
      issuer: testIssuer,
      audience: testAudience,
      jwks: source,
      algorithms: ['ES256'],
      clock,
    })
    await verifier.verify(tokenOf(first))
    clock.advance(60)
    state.keys = [first.jwk, second.jwk]
    await verifier.verify(tokenOf(second))
    await verifier.verify(tokenOf(first))
    assert.equal(state.fetches, 2)
  })

  it('is fetched over https only, but for loopback', () => {
    const { options } = issuer()
    for (const url of ['http://issuer.example/jwks', 'ftp://127.0.0.1/', 'http://127.0.0.1.example/', 'not a url']) {
      assert.throws(() => createJwksCache({ ...options, url }), TypeError)
    }
    createJwksCache({ ...options, url: 'http://127.0.0.1:1/jwks' })
  })
})

describe('JWKS cache over the wire', () => {
  async function serve(context: TestContext, listener: RequestListener): Promise<KeySource> {
    const server = createServer(listener)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    context.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    return createJwksCache({
      url: `http://127.0.0.1:${port}/jwks`,
      fetch: globalThis.fetch,
      clock: testClock(),
      timeoutMs: 300,
      maxBytes: 2000,
    })
  }

  it('reads a real answer', async context => {
    const source = await serve(context, (_request, response) => response.end(JSON.stringify({ keys: [first.jwk] })))
    assert.equal((await find(source, 'first')).kid, 'first')
  })

  it('follows no redirect', async context => {
    const source = await serve(context, (request, response) => {
      if (request.url === '/other') response.end(JSON.stringify({ keys: [first.jwk] }))
      else response.writeHead(302, { location: '/other' }).end()
    })
    await assert.rejects(find(source, 'first'), withCode('token_issuer_unavailable'))
  })

  it('stops at the size limit of an endless body', async context => {
    let written = 0
    const source = await serve(context, (_request, response) => {
      const more = () => {
        if (response.destroyed) return
        written += 1000
        response.write('x'.repeat(1000), () => setTimeout(more, 1))
      }
      more()
    })
    await assert.rejects(find(source, 'first'), withCode('token_issuer_unavailable'))
    assert(written < 200_000, `${written} bytes were sent`)
  })

  it('stops at the time limit of a body that drips', async context => {
    const source = await serve(context, (_request, response) => {
      response.write('{')
    })
    await assert.rejects(find(source, 'first'), withCode('token_issuer_unavailable'))
  })
})
