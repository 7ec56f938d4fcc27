import type { RequestListener } from 'node:http'
import { type LoopbackServer, startLoopbackServer } from '../../../layer/framework/src/testing/loopback-server.ts'
import {
  authorityInfoAccess,
  createRoot,
  crlDistributionPoints,
  type IssuedCertificate,
  type MockAuthority,
  testKey,
  uriPoint,
} from '../../../layer/pki/src/testing/index.ts'
import { longLived } from './trust-anchors.fixture.ts'

/** A root and a CA whose certificates name addresses, and the server behind these. */
export interface OnlinePki {
  readonly origin: string
  readonly root: MockAuthority
  readonly ca: MockAuthority
  /** A certificate of the CA that names these addresses. */
  leaf(name: string, names?: { crl?: string; ocsp?: string; issuer?: string }): IssuedCertificate
  /** What is answered at each path. */
  readonly answers: Map<string, RequestListener>
  /** How often each path was asked. */
  readonly asked: Map<string, number>
  /** A CRL of an authority that holds now. */
  crl(authority: MockAuthority, template?: Parameters<MockAuthority['crl']>[0]): Uint8Array
  close(): Promise<void>
}

const hour = 3_600_000
export const fromNow = (hours: number): Date => new Date(Math.floor((Date.now() + hours * hour) / 1000) * 1000)

export const sends =
  (bytes: Uint8Array, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(200, headers).end(bytes)

export async function startOnlinePki(name: string): Promise<OnlinePki> {
  const answers = new Map<string, RequestListener>()
  const asked = new Map<string, number>()
  const server: LoopbackServer = await startLoopbackServer((request, response) => {
    const path = request.url ?? ''
    asked.set(path, (asked.get(path) ?? 0) + 1)
    const answer = answers.get(path)
    if (answer === undefined) response.writeHead(404).end()
    else answer(request, response)
  })
  const { origin } = server
  const at = (path: string) => `${origin}${path}`
  const root = createRoot(`C=UT, O=${name}, CN=Root`, longLived)
  const ca = root.subordinate(`C=UT, O=${name}, CN=CA`, {
    ...longLived,
    extra: [crlDistributionPoints([uriPoint(at('/root.crl'))])],
  })
  return {
    origin,
    root,
    ca,
    answers,
    asked,
    leaf(subject, { crl, ocsp, issuer } = {}) {
      const access = [
        ...(ocsp === undefined ? [] : [{ method: 'ocsp' as const, uri: at(ocsp) }]),
        ...(issuer === undefined ? [] : [{ method: 'caIssuers' as const, uri: at(issuer) }]),
      ]
      return ca.issue(`C=UT, O=${name}, CN=${subject}`, {
        ...longLived,
        key: testKey(),
        extra: [
          ...(crl === undefined ? [] : [crlDistributionPoints([uriPoint(at(crl))])]),
          ...(access.length === 0 ? [] : [authorityInfoAccess(access)]),
        ],
      })
    },
    crl: (authority, template = {}) => authority.crl({ thisUpdate: fromNow(-1), nextUpdate: fromNow(24), ...template }),
    close: server.close,
  }
}
