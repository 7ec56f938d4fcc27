import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { createRoot, extendedKeyUsage, subjectAltName, testDay } from '../../../pki/src/testing/index.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { createEgress, type EgressOptions } from './create-egress.ts'
import { httpServer, tcpServer, tlsServer } from './loopback.fixture.ts'
import type { Resolve } from './target.ts'

const loopback = ['127.0.0.1/32']
const open = (options: EgressOptions = {}) =>
  createEgress({ allowPrivate: loopback, timeoutMs: 2_000, maxBytes: 100_000, ...options })
const withCode = (code: string) => (error: unknown) => {
  if (isMmfError(error, code as 'egress_failed')) return true
  throw new Error(`expected ${code}`, { cause: error })
}
const never: Resolve = async hostname => assert.fail(`${hostname} was looked up`)
const text = (body: Uint8Array) => Buffer.from(body).toString()

describe('egress', () => {
  it('fetches, with status, headers and body', async context => {
    const { origin, closed } = await httpServer(context, (request, response) => {
      response.writeHead(404, { 'content-type': 'text/plain', etag: '"1"' }).end(`${request.method} ${request.url}`)
    })
    const answer = await open().request(`${origin}/list?x=1#part`)
    assert.deepEqual([answer.status, text(answer.body), answer.size], [404, 'GET /list?x=1', 13])
    assert.equal(answer.headers['etag'], '"1"')
    await closed()
  })

  it('posts a body', async context => {
    const { origin } = await httpServer(context, async (request, response) => {
      const chunks = await request.toArray()
      response.end(`${request.headers['content-type']} ${request.headers['content-length']} ${Buffer.concat(chunks)}`)
    })
    const headers = { 'content-type': 'application/ocsp-request' }
    const answer = await open().request(origin, { method: 'POST', headers, body: Buffer.from('hello') })
    assert.equal(text(answer.body), 'application/ocsp-request 5 hello')
  })

  it('streams to a sink that sets the pace, without keeping the body', async context => {
    const { origin } = await httpServer(context, (_request, response) => {
      for (let n = 0; n < 8; n++) response.write(Buffer.alloc(10_000, n))
      response.end()
    })
    let [received, isBusy] = [0, false]
    const answer = await open().request(origin, {
      sink: async chunk => {
        assert(!isBusy, 'the next piece waits')
        isBusy = true
        await pause(1)
        received += chunk.length
        isBusy = false
      },
    })
    assert.deepEqual([received, answer.size, answer.body.length], [80_000, 80_000, 0])
    const full = new Error('disk full')
    await assert.rejects(
      open().request(origin, { sink: () => Promise.reject(full) }),
      (error: unknown) => error === full,
    )
  })
})

describe('egress refuses to go inward', () => {
  const closedEgress = createEgress({ timeoutMs: 2_000, resolve: never })
  const inward = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '169.254.169.254',
    '10.0.0.1',
    '[fe80::1]',
    '0',
  ]

  it('by address, in whatever notation', async context => {
    const { port, hits } = await httpServer(context, (_request, response) => response.end())
    for (const host of inward) {
      await assert.rejects(closedEgress.request(`http://${host}:${port}/`), withCode('egress_refused'), host)
    }
    assert.equal(hits(), 0)
  })

  it('by name, also when only one of its addresses is inside', async context => {
    const { port, hits } = await httpServer(context, (_request, response) => response.end())
    const resolve: Resolve = async () => [
      { address: '1.1.1.1', family: 4 },
      { address: '::ffff:127.0.0.1', family: 6 },
    ]
    const egress = createEgress({ timeoutMs: 2_000, resolve })
    const error = await egress.request(`http://list.example:${port}/`).catch((cause: unknown) => cause)
    assert(isMmfError(error, 'egress_refused'))
    assert(!error.message.includes('127.0.0.1'), 'the detail is no scanner')
    await assert.rejects(createEgress().request(`http://localhost:${port}/`), withCode('egress_refused'))
    assert.equal(hits(), 0)
  })

  it('by a name that changes after the check: it is looked up once and the checked address is used', async context => {
    const outside = await httpServer(context, (request, response) => response.end(`checked ${request.headers.host}`))
    let lookups = 0
    const resolve: Resolve = async () => [{ address: lookups++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }]
    const answer = await open({ resolve }).request(`http://rebind.example:${outside.port}/`)
    assert.equal(text(answer.body), `checked rebind.example:${outside.port}`)
    assert.equal(lookups, 1)
  })

  it('by redirect', async context => {
    const inside = await httpServer(context, (_request, response) => response.end('secret'), '127.0.0.2')
    const resolve: Resolve = async () => [{ address: '127.0.0.2', family: 4 }]
    for (const location of [
      inside.origin,
      `//127.0.0.2:${inside.port}/`,
      `http://name.example:${inside.port}/`,
      'file:///etc/passwd',
      'http://[::1]/',
    ]) {
      const outside = await httpServer(context, (_request, response) => response.writeHead(302, { location }).end())
      await assert.rejects(open({ resolve }).request(outside.origin), withCode('egress_refused'), location)
      await outside.closed()
    }
    assert.equal(inside.hits(), 0)
  })

  it('by scheme, credentials, port, or host that is not listed', async () => {
    const egress = createEgress({ resolve: never, allowHosts: ['pkd.example', '*.icao.example'] })
    const urls = [
      'ftp://pkd.example/',
      'file:///etc/passwd',
      'ldap://pkd.example/',
      'http://user:pass@pkd.example/',
      'http://pkd.example:25/',
      'https://pkd.example:22/',
      'https://other.example/',
      'https://icao.example/',
      'https://evilicao.example/',
      'https://pkd.example.evil/',
      'https://1.1.1.1/',
      'not a url',
      '',
    ]
    for (const url of urls) await assert.rejects(egress.request(url), withCode('egress_refused'), url)
    const resolve: Resolve = async hostname => assert.fail(`looked up ${hostname}`)
    const listed = createEgress({ resolve, allowHosts: ['pkd.example', '*.icao.example'] })
    for (const host of ['PKD.example', 'pkd.example.', 'a.b.icao.example']) {
      await assert.rejects(listed.request(`https://${host}/`), withCode('egress_failed'), 'it got as far as the lookup')
    }
  })
})

describe('egress follows redirects', () => {
  it('up to the limit, from the right place', async context => {
    const { origin, hits } = await httpServer(context, (request, response) => {
      const left = Number(request.url?.slice(1))
      if (left === 0) response.end('there')
      else response.writeHead(307, { location: `./${left - 1}` }).end('x'.repeat(1000))
    })
    const answer = await open().request(`${origin}/3`)
    assert.deepEqual([text(answer.body), answer.url], ['there', `${origin}/0`])
    const before = hits()
    await assert.rejects(open().request(`${origin}/4`), withCode('egress_redirect_refused'))
    assert.equal(hits() - before, 4)
    await assert.rejects(open({ maxRedirects: 0 }).request(`${origin}/1`), withCode('egress_redirect_refused'))
  })

  it('never for a POST', async context => {
    const { origin, hits } = await httpServer(context, (_request, response) => {
      response.writeHead(307, { location: '/other' }).end()
    })
    await assert.rejects(
      open().request(origin, { method: 'POST', body: Buffer.from('x') }),
      withCode('egress_redirect_refused'),
    )
    assert.equal(hits(), 1)
  })

  it('and takes no headers to another origin', async context => {
    const other = await httpServer(context, (request, response) => response.end(JSON.stringify(request.headers)))
    const { origin } = await httpServer(context, (request, response) => {
      if (request.url === '/same') response.end(JSON.stringify(request.headers))
      else response.writeHead(302, { location: request.url === '/' ? other.origin : '/same' }).end()
    })
    const headers = { authorization: 'Bearer x', accept: 'application/pkix-crl' }
    const foreign = JSON.parse(text((await open().request(origin, { headers })).body))
    assert.deepEqual([foreign.authorization, foreign.accept], [undefined, 'application/pkix-crl'])
    const own = JSON.parse(text((await open().request(`${origin}/here`, { headers })).body))
    assert.equal(own.authorization, 'Bearer x')
  })
})

describe('egress limits time', () => {
  const quick = open({ timeoutMs: 150 })

  it('of a server that never answers', async context => {
    const { origin, closed } = await tcpServer(context, () => {})
    await assert.rejects(quick.request(origin), withCode('egress_timeout'))
    await closed()
  })

  it('of headers and bodies that drip', async context => {
    for (const head of ['HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n']) {
      const { origin, closed } = await tcpServer(context, socket => {
        socket.write(head)
        const timer = setInterval(() => socket.write('x-drip: 1\r\n'), 10)
        socket.on('close', () => clearInterval(timer))
      })
      await assert.rejects(quick.request(origin), withCode('egress_timeout'))
      await closed()
    }
  })

  it('of names that do not resolve, and of sinks that hang', async context => {
    const hanging = open({ timeoutMs: 50, resolve: () => new Promise(() => {}) })
    await assert.rejects(hanging.request('http://list.example/'), withCode('egress_timeout'))
    const { origin, closed } = await httpServer(context, (_request, response) => response.end('x'))
    await assert.rejects(quick.request(origin, { sink: () => new Promise(() => {}) }), withCode('egress_timeout'))
    await closed()
  })

  it('of the request it belongs to', async context => {
    const { origin, closed, hits } = await tcpServer(context, () => {})
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 20)
    await assert.rejects(open().request(origin, { signal: abort.signal }), withCode('deadline_exceeded'))
    await closed()
    await assert.rejects(open().request(origin, { signal: AbortSignal.abort() }), withCode('deadline_exceeded'))
    assert(hits() <= 2)
  })

  it('and a request can only tighten it', async context => {
    const { origin } = await tcpServer(context, () => {})
    await assert.rejects(open().request(origin, { timeoutMs: 30 }), withCode('egress_timeout'))
    await assert.rejects(open({ timeoutMs: 30 }).request(origin, { timeoutMs: 60_000 }), withCode('egress_timeout'))
  })
})

describe('egress limits size', () => {
  it('of 1 GB that is announced, before it is read', async context => {
    const { origin, closed } = await httpServer(context, (_request, response) => {
      response.writeHead(200, { 'content-length': 1e9 }).write('x')
    })
    await assert.rejects(open().request(origin), withCode('egress_too_large'))
    await closed()
  })

  it('of a stream without end', async context => {
    let sent = 0
    const { origin, closed } = await httpServer(context, (_request, response) => {
      const chunk = Buffer.alloc(65_536)
      const more = () => {
        if (response.destroyed || sent > 1e9) return
        sent += chunk.length
        response.write(chunk, more)
      }
      more()
    })
    let received = 0
    const sink = (chunk: Uint8Array) => {
      received += chunk.length
    }
    await assert.rejects(open().request(origin, { sink }), withCode('egress_too_large'))
    await closed()
    assert(received <= 100_000, `${received} bytes reached the sink`)
    assert(sent < 50e6, `${sent} bytes were sent`)
  })

  it('exactly, and a request can only tighten it', async context => {
    const { origin } = await httpServer(context, (_request, response) => {
      response.write('x'.repeat(50))
      response.end('x'.repeat(50))
    })
    assert.equal((await open({ maxBytes: 100 }).request(origin)).size, 100)
    await assert.rejects(open({ maxBytes: 99 }).request(origin), withCode('egress_too_large'))
    assert.equal((await open({ maxBytes: 100 }).request(origin, { maxBytes: Number.NaN })).size, 100)
    await assert.rejects(open().request(origin, { maxBytes: 99 }), withCode('egress_too_large'))
    await assert.rejects(open({ maxBytes: 99 }).request(origin, { maxBytes: 1e9 }), withCode('egress_too_large'))
  })

  it('refuses limits that would be none', () => {
    for (const bad of [{ maxBytes: Number.NaN }, { timeoutMs: Number.POSITIVE_INFINITY }, { maxRedirects: -1 }]) {
      assert.throws(() => createEgress(bad), TypeError)
    }
  })

  it('of what a small packed answer unpacks to', async context => {
    const bomb = gzipSync(Buffer.alloc(30_000_000))
    assert(bomb.length < 50_000)
    const { origin, closed } = await httpServer(context, (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    let received = 0
    const sink = (chunk: Uint8Array) => {
      received += chunk.length
    }
    await assert.rejects(open().request(origin, { sink }), withCode('egress_too_large'))
    await closed()
    assert(received <= 100_000)
  })
})

describe('egress reads what servers send', () => {
  it('unpacks gzip, deflate and brotli', async context => {
    const packed = {
      gzip: gzipSync('list'),
      'x-gzip': gzipSync('list'),
      deflate: deflateSync('list'),
      br: brotliCompressSync('list'),
      identity: 'list',
    }
    for (const [encoding, body] of Object.entries(packed)) {
      const { origin } = await httpServer(context, (_request, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(body)
      })
      assert.equal(text((await open().request(origin)).body), 'list', encoding)
    }
  })

  it('refuses damaged answers', async context => {
    const good = gzipSync('x'.repeat(10_000)).toString('latin1')
    const head = 'HTTP/1.1 200 OK\r\nconnection: close\r\n'
    const answers = [
      'SSH-2.0-OpenSSH_9.9\r\n',
      '',
      `${head}content-length: 100\r\n\r\nshort`,
      `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`,
      `${head}transfer-encoding: chunked\r\n\r\n5\r\nshor`,
      `${head}x: ${'y'.repeat(20_000)}\r\n\r\n`,
      `${head}content-encoding: gzip\r\n\r\n${good.slice(0, -12)}`,
      `${head}content-encoding: gzip\r\n\r\nnot gzip`,
      `${head}content-encoding: gzip, gzip\r\n\r\n${good}`,
      `${head}content-encoding: compress\r\n\r\nx`,
      `${head}content-length: 5\r\ncontent-length: 6\r\n\r\nshort`,
    ]
    for (const answer of answers) {
      const { origin } = await tcpServer(context, socket => {
        socket.once('data', () => socket.end(answer, 'latin1'))
      })
      await assert.rejects(open().request(origin), withCode('egress_failed'), answer.slice(0, 80))
    }
  })

  it('reports servers that are not there', async context => {
    const { port } = await tcpServer(context, socket => socket.destroy())
    await assert.rejects(open().request(`http://127.0.0.1:${port}/`), withCode('egress_failed'))
    const bad = { headers: { 'x-bad': 'a\r\nb' } }
    await assert.rejects(open().request(`http://127.0.0.1:${port}/`, bad), withCode('egress_failed'))
    const nowhere = open({ resolve: () => Promise.reject(new Error('ENOTFOUND')) })
    await assert.rejects(nowhere.request('http://list.example/'), withCode('egress_failed'))
    await assert.rejects(open({ resolve: async () => [] }).request('http://list.example/'), withCode('egress_failed'))
  })
})

describe('egress over TLS', () => {
  const root = createRoot('CN=Test TLS Root', { notBefore: testDay(-5000), notAfter: testDay(5000) })
  const leaf = root.issue('CN=server', {
    notBefore: testDay(-5000),
    notAfter: testDay(5000),
    extra: [subjectAltName([{ dns: 'list.example' }]), extendedKeyUsage(['serverAuth'])],
  })
  const pem = (der: Uint8Array) =>
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`
  const identity = { key: String(leaf.key.privateKey.export({ type: 'pkcs8', format: 'pem' })), cert: pem(leaf.der) }
  const resolve: Resolve = async () => [{ address: '127.0.0.1', family: 4 }]

  it('checks the certificate against the name, not the address', async context => {
    const { port } = await tlsServer(context, identity, (_request, response) => response.end('sealed'))
    const ca = pem(root.der)
    const answer = await open({ resolve, ca }).request(`https://list.example:${port}/`)
    assert.equal(text(answer.body), 'sealed')
    await assert.rejects(open({ resolve, ca }).request(`https://other.example:${port}/`), withCode('egress_failed'))
    await assert.rejects(open({ resolve }).request(`https://list.example:${port}/`), withCode('egress_failed'))
  })

  it('does not follow from https to http', async context => {
    const plain = await httpServer(context, (_request, response) => response.end())
    const { port } = await tlsServer(context, identity, (_request, response) => {
      response.writeHead(301, { location: plain.origin }).end()
    })
    const egress = open({ resolve, ca: pem(root.der) })
    await assert.rejects(egress.request(`https://list.example:${port}/`), withCode('egress_redirect_refused'))
    assert.equal(plain.hits(), 0)
  })
})
