import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { MmfError } from '@mmf/framework'
import type { HttpEvent } from '@mmf/framework/http'
import { catalogue } from '../../layer/framework/src/errors/catalogue.ts'
import { type Gateway, type GatewayLimits, startGateway } from './gateway.ts'

const generous: GatewayLimits = {
  maxConnections: 100,
  maxBytesInFlight: 2 ** 20,
  maxStrangerBodyBytes: 1000,
  receiveTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
}

interface Started {
  readonly gateway: Gateway
  /** What functions were given. */
  readonly events: HttpEvent[]
  /** What was asked for admission. */
  readonly asked: (string | undefined)[]
  open(): Socket
}

/** A gateway that admits `Bearer good`, before one function. */
async function started(
  t: TestContext,
  limits: Partial<GatewayLimits> = {},
  run: () => Promise<object> = async () => ({ statusCode: 200, body: 'done' }),
): Promise<Started> {
  const events: HttpEvent[] = []
  const asked: (string | undefined)[] = []
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    requestTimeoutMs: 5000,
    limits: { ...generous, ...limits },
    async admit({ headers: { authorization: header } }) {
      asked.push(header)
      if (header !== 'Bearer good') throw new MmfError('authentication_required')
    },
    handlerFor: () => event => {
      events.push(event)
      return run()
    },
    onFailure: error => assert.fail(String(error)),
  })
  const sockets: Socket[] = []
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    await gateway.stop(0)
  })
  return {
    gateway,
    events,
    asked,
    open() {
      const { port, hostname } = new URL(gateway.url)
      const socket = connect(Number(port), hostname)
      sockets.push(socket)
      return socket
    },
  }
}

const head = (lines: string, first = 'POST / HTTP/1.1') => `${first}\r\nhost: x\r\n${lines}\r\n\r\n`
const announcing = (bytes: number, more = '') => head(`content-length: ${bytes}${more}`)

/** Everything that comes until the other side ends the connection: a reset rejects. */
async function rest(socket: Socket): Promise<string> {
  return Buffer.concat(await socket.toArray()).toString()
}

interface Answer {
  readonly status: number
  readonly head: string
  readonly body: string
}

function parse(text: string): Answer {
  const [first = '', ...others] = text.split('\r\n\r\n')
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]),
    head: first.toLowerCase(),
    body: others.join('\r\n\r\n'),
  }
}

/** A refusal as OpenAPI describes it, after which the connection ends. */
function assertProblem(text: string, code: keyof typeof catalogue): Answer {
  const answer = parse(text)
  const { status } = catalogue[code]
  assert.equal(answer.status, status, text)
  for (const line of [
    'content-type: application/problem+json',
    'connection: close',
    `content-length: ${answer.body.length}`,
  ]) {
    assert.ok(answer.head.includes(line), `${line} in ${answer.head}`)
  }
  const problem = JSON.parse(answer.body)
  assert.deepEqual(
    [problem.code, problem.status, problem.type, typeof problem.title, typeof problem.correlationId],
    [code, status, `urn:mmf:error:${code}`, 'string', 'string'],
  )
  if (status === 503) assert.match(answer.head, /retry-after: [1-9]/)
  return answer
}

describe('bodies', () => {
  it('of strangers are refused by their head alone when they are larger, and the function is not asked', async t => {
    const { open, events, asked } = await started(t)
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = open()
        socket.write(announcing(9_000_000))
        const [first] = (await once(socket, 'data')) as [Buffer]
        return first.toString()
      }),
    )
    for (const answer of answers) assertProblem(answer, 'authentication_required')
    assert.deepEqual([events.length, asked.length], [0, 50])
  })

  it('of strangers are read when they are small: the function decides', async t => {
    const { open, events, asked } = await started(t)
    const socket = open()
    socket.end(`${announcing(1000, '\r\nconnection: close')}${'x'.repeat(1000)}`)
    assert.equal(parse(await rest(socket)).status, 200)
    assert.deepEqual([events.length, asked.length], [1, 0])
  })

  it('of unknown length are looked at on the way', async t => {
    const { open, events } = await started(t)
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`
    const stranger = open()
    stranger.write(head('transfer-encoding: chunked') + chunk + chunk)
    assertProblem(String((await once(stranger, 'data'))[0]), 'authentication_required')
    const known = open()
    known.write(head('transfer-encoding: chunked\r\nauthorization: Bearer good\r\nconnection: close') + chunk + chunk)
    known.end('0\r\n\r\n')
    assert.equal(parse(await rest(known)).status, 200)
    assert.deepEqual(
      events.map(event => Buffer.from(event.body ?? '', 'base64').length),
      [2048],
    )
  })

  it('over the total that is held get 503 with Retry-After, and a place once another is done', async t => {
    const { open, events } = await started(t)
    const size = 600_000
    const good = '\r\nauthorization: Bearer good\r\nconnection: close'
    const first = open()
    first.write(announcing(size, good) + 'x'.repeat(10))
    const fence = open()
    fence.end(head('connection: close', 'GET / HTTP/1.1'))
    await rest(fence)
    const second = open()
    second.write(announcing(size, good))
    assertProblem(String((await once(second, 'data'))[0]), 'overloaded')
    first.end('x'.repeat(size - 10))
    assert.equal(parse(await rest(first)).status, 200)
    const third = open()
    third.end(announcing(size, good) + 'x'.repeat(size))
    assert.equal(parse(await rest(third)).status, 200)
    assert.equal(events.length, 3)
  })

  it('that are too large are refused by their head, from every sender', async t => {
    const { open, asked } = await started(t)
    const socket = open()
    socket.write(announcing(10 * 1024 * 1024 + 1, '\r\nauthorization: Bearer good'))
    assertProblem(String((await once(socket, 'data'))[0]), 'payload_too_large')
    assert.equal(asked.length, 0)
  })

  it('that come although they were refused are thrown away, and the answer arrives', async t => {
    const { open } = await started(t)
    const socket = open()
    socket.write(announcing(9_000_000))
    socket.write('x'.repeat(9_000_000))
    assertProblem(await rest(socket), 'authentication_required')
  })

  it('wait for 100 Continue, which comes after admission only', async t => {
    const { open, events } = await started(t)
    const stranger = open()
    stranger.write(announcing(5000, '\r\nexpect: 100-continue'))
    assertProblem(String((await once(stranger, 'data'))[0]), 'authentication_required')
    const known = open()
    known.write(announcing(5000, '\r\nexpect: 100-continue\r\nauthorization: Bearer good\r\nconnection: close'))
    const [interim] = (await once(known, 'data')) as [Buffer]
    assert.equal(interim.toString(), 'HTTP/1.1 100 Continue\r\n\r\n')
    known.end('x'.repeat(5000))
    assert.equal(parse(await rest(known)).status, 200)
    assert.equal(events.length, 1)
  })
})

describe('connections', () => {
  it('over the limit are answered 503, and served again once others are gone', async t => {
    const { open } = await started(t, { maxConnections: 3 })
    const idle = [open(), open(), open()]
    for (const socket of idle) await once(socket, 'connect')
    const ask = async () => {
      const socket = open()
      socket.end(head('connection: close', 'GET / HTTP/1.1'))
      return rest(socket)
    }
    assertProblem(await ask(), 'overloaded')
    for (const socket of idle) {
      socket.end()
      await socket.resume().toArray()
    }
    assert.equal(parse(await ask()).status, 200)
  })

  it('cannot bring more requests at a time than there may be', async t => {
    const gate = Promise.withResolvers<object>()
    const { open, events } = await started(t, { maxConnections: 3 }, () => gate.promise)
    const socket = open()
    socket.end(head('', 'GET / HTTP/1.1').replace('\r\n\r\n\r\n', '\r\n\r\n').repeat(10))
    const fence = open()
    fence.end(head('connection: close', 'GET / HTTP/1.1'))
    assertProblem(await rest(fence), 'overloaded')
    assert.ok(events.length <= 3, `${events.length}`)
    gate.resolve({ statusCode: 200 })
  })
})

describe('times', () => {
  it('end a connection that sends no request, half a head, or half a body: 408', async t => {
    const { open } = await started(t, { idleTimeoutMs: 50 })
    for (const sent of ['', 'GET / HTTP/1.1\r\nhost: x\r\n', `${announcing(100)}half`]) {
      const socket = open()
      socket.write(sent)
      assertProblem(await rest(socket), 'request_timeout')
    }
  })

  it('end a request that drips, from its first byte on: 408', async t => {
    const { open, events } = await started(t, { idleTimeoutMs: 200, receiveTimeoutMs: 300 })
    const socket = open()
    socket.on('error', () => {})
    socket.write(announcing(900))
    const drip = setInterval(() => socket.write('x'), 20)
    t.after(() => clearInterval(drip))
    const [first] = (await once(socket, 'data')) as [Buffer]
    assertProblem(first.toString(), 'request_timeout')
    assert.equal(events.length, 0)
  })
})

describe('what Node cannot read', () => {
  const cases = [
    ['no request', 'nonsense\r\n\r\n', 'malformed_request'],
    ['a header with a null character', head('x-a: \0'), 'malformed_request'],
    ['two lengths', head('content-length: 1\r\ncontent-length: 2'), 'malformed_request'],
    ['a length beside chunks', head('content-length: 1\r\ntransfer-encoding: chunked'), 'malformed_request'],
    ['a chunk without its size', `${head('transfer-encoding: chunked')}zz\r\n`, 'malformed_request'],
    ['large headers', head(`x-a: ${'x'.repeat(17_000)}`), 'headers_too_large'],
    ['very large headers', head(`x-a: ${'x'.repeat(2 ** 20)}`), 'headers_too_large'],
    ['a long target', head('', `GET /${'x'.repeat(17_000)} HTTP/1.1`), 'headers_too_large'],
    [
      'large chunk extensions',
      `${head('transfer-encoding: chunked')}1;${'x'.repeat(17_000)}\r\nx\r\n0\r\n\r\n`,
      'payload_too_large',
    ],
    ['another expectation', head('expect: more', 'GET / HTTP/1.1'), 'expectation_failed'],
    ['CONNECT', head('', 'CONNECT x:1 HTTP/1.1'), 'method_not_allowed'],
    ['two hosts', head('host: y', 'GET / HTTP/1.1'), 'malformed_request'],
    ['the same host twice', head('Host: x', 'GET / HTTP/1.1'), 'malformed_request'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 'malformed_request'],
    ['a host that is none', 'GET / HTTP/1.1\r\nhost: a b\r\n\r\n', 'malformed_request'],
    ['a host with a path', 'GET / HTTP/1.1\r\nhost: a/b\r\n\r\n', 'malformed_request'],
  ] as const
  for (const [what, bytes, code] of cases) {
    it(`is refused as OpenAPI says: ${what}, ${code}`, async t => {
      const { open, events } = await started(t)
      const socket = open()
      socket.write(bytes)
      socket.end()
      assertProblem(await rest(socket), code)
      assert.equal(events.length, 0)
    })
  }

  it('leaves hosts with a port, IPv6, and HTTP/1.0 without one', async t => {
    const { open } = await started(t)
    const requests = ['1.1\r\nhost: x:80', '1.1\r\nhost: [::1]:8080', '1.1\r\nhost:', '1.0']
    for (const lines of requests) {
      const socket = open()
      socket.end(`GET / HTTP/${lines}\r\nconnection: close\r\n\r\n`)
      assert.equal(parse(await rest(socket)).status, 200, lines)
    }
  })
})
