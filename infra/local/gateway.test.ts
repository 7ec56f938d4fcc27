import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import type { HttpEvent, HttpFunction } from '@mmf/framework/http'
import { startGateway } from './gateway.ts'

const limits = {
  maxConnections: 20,
  maxBytesInFlight: 2 ** 20,
  maxStrangerBodyBytes: 1000,
  receiveTimeoutMs: 5000,
  idleTimeoutMs: 2000,
}

/** A gateway before one function, and what it was given. */
async function gatewayFor(run: (event: HttpEvent) => Promise<object>) {
  const failures: unknown[] = []
  const handler: HttpFunction = event => run(event)
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    requestTimeoutMs: 5000,
    limits,
    admit: async () => {},
    handlerFor: () => handler,
    onFailure: error => void failures.push(error),
  })
  return { gateway, failures }
}

async function fetched(url: string, agent: Agent) {
  const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage]
  const chunks = await response.toArray()
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }
}

/** Once this has been answered, what was sent before it, on whatever connection, has been read. */
const readUpToHere = (url: string) => fetched(`${url}/fence`, new Agent())

/** Sends bytes as they are and reads until the connection closes. */
async function raw(url: string, text: string): Promise<string> {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.end(text)
  return Buffer.concat(await socket.toArray()).toString()
}

describe('gateway', () => {
  it('finishes what is in flight when it stops, and takes nothing new', async () => {
    const started = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<object>()
    const { gateway } = await gatewayFor(async event => {
      if (event.rawPath !== '/slow') return { statusCode: 200, body: 'quick' }
      started.resolve()
      return gate.promise
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const slow = fetched(`${gateway.url}/slow`, agent)
    await started.promise
    const stopped = gateway.stop(5000)
    await assert.rejects(fetched(`${gateway.url}/other`, new Agent()), { code: 'ECONNREFUSED' })
    gate.resolve({ statusCode: 201, body: 'done' })
    const answer = await slow
    assert.deepEqual([answer.status, answer.text, answer.headers.connection], [201, 'done', 'close'])
    assert.equal(await stopped, true)
    agent.destroy()
  })

  it('answers 503 on a connection that was kept alive, once it stops', async () => {
    const gate = Promise.withResolvers<object>()
    const { gateway } = await gatewayFor(event => (event.rawPath === '/slow' ? gate.promise : Promise.resolve({})))
    const slow = fetched(`${gateway.url}/slow`, new Agent())
    const { port, hostname } = new URL(gateway.url)
    const socket = connect(Number(port), hostname)
    // The first bytes of a request make the connection a busy one, which stopping does not close.
    socket.write('GET /late HTTP/1.1\r\nhost: x\r\n')
    await readUpToHere(gateway.url)
    const stopped = gateway.stop(5000)
    socket.write('\r\n')
    const [first] = (await once(socket, 'data')) as [Buffer]
    assert.match(first.toString(), /^HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*"code":"shutting_down"/i)
    gate.resolve({ statusCode: 200 })
    assert.equal((await slow).status, 200)
    assert.equal(await stopped, true)
    socket.destroy()
  })

  it('gives up on what does not finish in time, and says so', async () => {
    const called = Promise.withResolvers<void>()
    const { gateway } = await gatewayFor(() => {
      called.resolve()
      return new Promise(() => {})
    })
    const hanging = fetched(`${gateway.url}/`, new Agent()).catch((error: { code?: string }) => error.code)
    await called.promise
    assert.equal(await gateway.stop(100), false)
    assert.equal(await hanging, 'ECONNRESET')
  })

  it('hides what a function throws, and hands it to the log', async () => {
    const { gateway, failures } = await gatewayFor(async () => {
      throw new Error('secret')
    })
    const answer = await fetched(`${gateway.url}/`, new Agent())
    assert.deepEqual([answer.status, answer.text], [500, '{"message":"Internal Server Error"}'])
    assert.equal(failures.length, 1)
    await gateway.stop(1000)
  })

  it('does not take a client that goes away for a failure', async () => {
    const { gateway, failures } = await gatewayFor(async () => ({ statusCode: 200 }))
    const { port, hostname } = new URL(gateway.url)
    const socket = connect(Number(port), hostname)
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf')
    await readUpToHere(gateway.url)
    socket.destroy()
    assert.equal(await gateway.stop(2000), true)
    assert.deepEqual(failures, [])
  })

  it('passes the request on as the event of a deployed function', async context => {
    const events: HttpEvent[] = []
    const { gateway } = await gatewayFor(async event => {
      events.push(event)
      return { statusCode: 204 }
    })
    context.after(() => gateway.stop(1000))
    const head = 'connection: close\r\nHost: x\r\nX-Two: a\r\nx-two: b\r\nCookie: c=1; d=2\r\n'
    const targets = ['/a/../b%2Fc?x=1&x=2&y=%20', '//evil.example/health', 'http://proxy.example/v1?z', '/%']
    for (const target of targets) await raw(gateway.url, `GET ${target} HTTP/1.1\r\n${head}\r\n`)
    assert.deepEqual(
      events.map(event => [event.rawPath, event.rawQueryString]),
      [
        ['/a/../b%2Fc', 'x=1&x=2&y=%20'],
        ['//evil.example/health', ''],
        ['/v1', 'z'],
        ['/%', ''],
      ],
    )
    const [event] = events
    assert.deepEqual({ ...event?.queryStringParameters }, { x: '1,2', y: ' ' })
    assert.equal(event?.headers['x-two'], 'a,b')
    assert.deepEqual([event?.cookies, event?.headers['cookie']], [['c=1', 'd=2'], undefined])
    assert.deepEqual([event?.version, event?.isBase64Encoded, event?.body], ['2.0', false, undefined])

    const post = (type: string, body: string) =>
      `POST / HTTP/1.1\r\nconnection: close\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    await raw(gateway.url, post('application/json', '{}'))
    await raw(gateway.url, post('application/pdf', '%PDF'))
    const [json, pdf] = events.slice(-2)
    assert.deepEqual([json?.body, json?.isBase64Encoded], ['{}', false])
    assert.deepEqual([pdf?.body, pdf?.isBase64Encoded], [Buffer.from('%PDF').toString('base64'), true])
  })
})
