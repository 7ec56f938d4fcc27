import { constants } from 'node:crypto'
import type { ServerOptions } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions, TLSSocket } from 'node:tls'

/** What the TLS of the gateway is made of. */
export interface TlsMaterial {
  /** PEM. */
  readonly certificate: string
  /** PEM. */
  readonly key: string
  /** PEM of the authorities whose client certificates are taken where one is required. */
  readonly authorities: readonly string[]
}

export interface TlsOptions {
  readonly minimumVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly clientCertificates: 'none' | 'ask' | 'require'
  readonly material: TlsMaterial
}

/** With authenticated encryption and forward secrecy only, as RFC 9325 §4.2 recommends for TLS 1.2. */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE+AESGCM',
  'ECDHE+CHACHA20',
].join(':')

/** What new connections are made with. */
export const secureContext = ({ minimumVersion, clientCertificates, material }: TlsOptions): SecureContextOptions => ({
  cert: material.certificate,
  key: material.key,
  // With an empty list no certificate passes; with none at all those of the web would. With a verdict of its own Node keeps to itself what came
  // with a certificate, so it is asked for one only where that decides about the connection.
  ca: clientCertificates === 'require' ? [...material.authorities] : [],
  minVersion: minimumVersion,
  ciphers,
  honorCipherOrder: true,
  // A resumed session would go on with a certificate that is not shown again, and without its intermediates.
  secureOptions: constants.SSL_OP_NO_TICKET,
})

/**
 * A server that speaks TLS as HTTP/1.1. That the client has the key of its certificate is proven by TLS itself; who it is, the functions judge. With
 * `require` a connection without a certificate of one of the authorities ends, as at a gateway with a truststore.
 */
export function createTlsServer(options: ServerOptions, tls: TlsOptions, handshakeTimeoutMs: number): Server {
  return createServer({
    ...options,
    ...secureContext(tls),
    handshakeTimeout: handshakeTimeoutMs,
    requestCert: tls.clientCertificates !== 'none',
    rejectUnauthorized: tls.clientCertificates === 'require',
    ALPNProtocols: ['http/1.1'],
  })
}

/** Whether a connection is under TLS and its handshake has not ended well: nothing that is written to it would arrive. */
export function isUnsecured(socket: Socket): boolean {
  const { encrypted, getProtocol } = socket as Partial<TLSSocket>
  return encrypted === true && getProtocol?.call(socket) === null
}
