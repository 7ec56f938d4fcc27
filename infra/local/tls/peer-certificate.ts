import { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'

/** The client's certificate as API Gateway puts it into `requestContext.authentication.clientCert`. */
export interface EventCertificate {
  readonly clientCertPem: string
  readonly subjectDN: string
  readonly issuerDN: string
  readonly serialNumber: string
  readonly validity: { readonly notBefore: string; readonly notAfter: string }
  /** What came with it. API Gateway hands on the first certificate alone. */
  readonly intermediatesPem?: readonly string[]
  /** No authority was asked for: any issuer was good enough for the connection. */
  readonly unverified?: true
}

/** No honest chain is longer. */
const maxIntermediates = 8

/** What each connection has shown. Node hands out what came with a certificate once, and less of it each further time. */
const shown = new WeakMap<Socket, EventCertificate | undefined>()

/** The certificate of a TLS connection, whose key the client has. Undefined without one; headers are never looked at. */
export function peerCertificate(socket: Socket): EventCertificate | undefined {
  if (!shown.has(socket)) shown.set(socket, read(socket))
  return shown.get(socket)
}

function read(socket: Socket): EventCertificate | undefined {
  const { authorized } = socket as Partial<TLSSocket>
  const peer = (socket as Partial<TLSSocket>).getPeerCertificate?.(true)
  // Without a certificate it is an empty object.
  if (peer?.raw === undefined) return undefined
  const certificate = new X509Certificate(peer.raw)
  const intermediates = intermediatesOf(peer)
  return {
    clientCertPem: certificate.toString(),
    subjectDN: nameOf(certificate.subject),
    issuerDN: nameOf(certificate.issuer),
    serialNumber: certificate.serialNumber,
    validity: { notBefore: certificate.validFrom, notAfter: certificate.validTo },
    ...(intermediates.length === 0 ? {} : { intermediatesPem: intermediates }),
    ...(authorized === true ? {} : { unverified: true }),
  }
}

/** One line per attribute becomes one line. An empty name is none to Node. */
const nameOf = (lines: string | undefined) => (lines ?? '').split('\n').reverse().join(',')

function intermediatesOf(peer: DetailedPeerCertificate): readonly string[] {
  const found: string[] = []
  let at = peer
  // The last one names itself as its issuer, or none.
  while (found.length < maxIntermediates && at.issuerCertificate && at.issuerCertificate !== at) {
    at = at.issuerCertificate
    found.push(pemOf(at.raw))
  }
  return found
}

const pemOf = (der: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
