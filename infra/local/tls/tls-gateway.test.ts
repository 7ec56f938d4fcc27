import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { connect as connectTls, type SecureVersion, type TLSSocket } from 'node:tls'
import type { HttpEvent } from '@mmf/framework/http'
import { certified, clientRoot, clientsOf, pem, serverMaterial } from '../../../test/support/tls-certificates.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import type { EventCertificate } from './peer-certificate.ts'
import type { TlsOptions } from './tls-server.ts'

const limits = {
  maxConnections: 20,
  maxBytesInFlight: 2 ** 20,
  maxStrangerBodyBytes: 1000,
  receiveTimeoutMs: 5000,
  idleTimeoutMs: 2000,
}

const server = serverMaterial()
const material = { ...server, authorities: [pem(clientRoot.der)] }

/** A gateway whose function answers what it was told about the client. */
function gatewayWith(tls: Partial<TlsOptions>): Promise<Gateway> {
  return startGateway({
    host: '127.0.0.1',
    port: 0,
    requestTimeoutMs: 5000,
    limits,
    tls: { minimumVersion: 'TLSv1.2', clientCertificates: 'ask', material, ...tls },
    admit: async () => {},
    handlerFor: () => async (event: HttpEvent) => ({
      statusCode: 200,
      body: JSON.stringify(event.requestContext.authentication ?? null),
    }),
    onFailure: error => assert.fail(error as Error),
  })
}

interface Shown {
  readonly cert?: string
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly maxVersion?: SecureVersion
  readonly ciphers?: string
}

async function asked(url: string, options: Shown = {}): Promise<{ clientCert: EventCertificate } | null> {
  const request = get(url, { agent: false, ca: server.authority, ...options })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return JSON.parse(Buffer.concat(await response.toArray()).toString())
}

const { good, viaIntermediate } = clientsOf(clientRoot)
const tooOld = /tlsv1 alert protocol version/

describe('a gateway under TLS', () => {
  let gateway: Gateway
  before(async () => {
    gateway = await gatewayWith({})
  })
  after(() => gateway.stop(1000))

  it('hands on the certificate of the connection, as API Gateway does', async () => {
    assert.match(gateway.url, /^https:/)
    assert.equal(await asked(gateway.url), null, 'none was shown')
    const told = (await asked(gateway.url, good))?.clientCert
    const certificate = new X509Certificate(good.cert)
    assert.deepEqual(told, {
      clientCertPem: certificate.toString(),
      subjectDN: 'CN=good,C=UT',
      issuerDN: 'CN=Client Root,C=UT',
      serialNumber: certificate.serialNumber,
      validity: { notBefore: certificate.validFrom, notAfter: certificate.validTo },
      unverified: true,
    })
  })

  it('hands on what came with it', async () => {
    const told = (await asked(gateway.url, viaIntermediate))?.clientCert
    assert.equal(new X509Certificate(told?.clientCertPem ?? '').subject, 'C=UT\nCN=behind')
    const [intermediate = ''] = told?.intermediatesPem ?? []
    assert.equal(new X509Certificate(intermediate).subject, 'C=UT\nCN=Client Issuing')
  })

  it('takes no header for a certificate', async () => {
    const claimed = encodeURIComponent(good.cert)
    const headers = { 'x-client-cert': claimed, 'client-cert': claimed, 'x-amzn-mtls-clientcert': claimed }
    assert.equal(await asked(gateway.url, { headers }), null)
  })

  it('leaves the verdict on an unknown authority to the functions', async () => {
    const stranger = certified('stranger')
    assert.equal((await asked(gateway.url, stranger))?.clientCert.subjectDN, 'CN=stranger,C=UT')
  })

  it('takes no certificate without its key', async () => {
    await assert.rejects(asked(gateway.url, { cert: good.cert, key: certified('other').key }), /key values mismatch/i)
  })

  it('speaks TLS 1.2 and 1.3, nothing older, and no HTTP', async () => {
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await assert.rejects(asked(gateway.url, old), tooOld)
    assert.equal(await asked(gateway.url, { maxVersion: 'TLSv1.2' }), null)
    const { port, hostname } = new URL(gateway.url)
    const socket = connect(Number(port), hostname)
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    const answer = Buffer.concat(await socket.toArray()).toString('latin1')
    assert.doesNotMatch(answer, /HTTP/)
  })

  it('never goes on with a session that was begun before', async () => {
    const { port, hostname } = new URL(gateway.url)
    const open = async (session?: Buffer) => {
      const socket: TLSSocket = connectTls({
        port: Number(port),
        host: hostname,
        ca: server.authority,
        ...good,
        session,
      })
      const sessions: Buffer[] = []
      socket.on('session', one => sessions.push(one))
      await once(socket, 'secureConnect')
      const reused = socket.isSessionReused()
      socket.end('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
      await socket.toArray()
      return { reused, session: sessions.at(-1) }
    }
    const first = await open()
    assert.notEqual((await open(first.session)).reused, true)
  })

  it('gives new connections what was renewed', async () => {
    const renewed = serverMaterial('renewed')
    const own = await gatewayWith({})
    try {
      await asked(own.url)
      own.renewTls({ ...renewed, authorities: [] })
      await assert.rejects(asked(own.url), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
      const request = get(own.url, { agent: false, ca: renewed.authority })
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      response.resume()
      assert.equal(response.statusCode, 200)
    } finally {
      await own.stop(1000)
    }
  })
})

describe('a gateway that speaks TLS 1.3 at least', () => {
  it('refuses 1.2', async () => {
    const gateway = await gatewayWith({ minimumVersion: 'TLSv1.3' })
    try {
      assert.equal(await asked(gateway.url), null)
      await assert.rejects(asked(gateway.url, { maxVersion: 'TLSv1.2' }), tooOld)
    } finally {
      await gateway.stop(1000)
    }
  })
})

describe('a gateway that requires certificates', () => {
  it('ends connections without one of a known authority', async () => {
    const gateway = await gatewayWith({ clientCertificates: 'require' })
    try {
      const { subjectDN, unverified } = (await asked(gateway.url, good))?.clientCert ?? {}
      assert.deepEqual([subjectDN, unverified], ['CN=good,C=UT', undefined])
      assert.equal((await asked(gateway.url, viaIntermediate))?.clientCert.subjectDN, 'CN=behind,C=UT')
      for (const shown of [{}, certified('stranger')]) {
        await assert.rejects(asked(gateway.url, shown), /ECONNRESET|socket hang up|alert/)
      }
      gateway.renewTls({ ...server, authorities: [] })
      await assert.rejects(asked(gateway.url, good), /ECONNRESET|socket hang up|alert/, 'none is trusted any more')
    } finally {
      await gateway.stop(1000)
    }
  })

  it('asks for none where none is wanted', async () => {
    const gateway = await gatewayWith({ clientCertificates: 'none' })
    try {
      assert.equal(await asked(gateway.url, good), null)
    } finally {
      await gateway.stop(1000)
    }
  })
})
