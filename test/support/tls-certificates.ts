import {
  createRoot,
  extendedKeyUsage,
  type IssueOptions,
  type MockAuthority,
  subjectAltName,
  testKey,
} from '../../layer/pki/src/testing/index.ts'

const day = 86_400_000

/** Days from now, where the clock of TLS is the real one. */
export const daysFromNow = (days: number): Date => new Date(Date.now() + days * day)

export const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`

const valid = { notBefore: daysFromNow(-1), notAfter: daysFromNow(30) }

const authority = (name: string, options: Parameters<typeof createRoot>[1] = {}): MockAuthority =>
  createRoot(`C=UT, CN=${name}`, { ...valid, ...options })

export const clientRoot = authority('Client Root')

/** What a client shows: PEM of its certificate with what leads to an authority, and of its key. */
export interface ClientFiles {
  readonly cert: string
  readonly key: string
}

const filesOf = (issued: { der: Uint8Array; key: { privateKey: import('node:crypto').KeyObject } }): ClientFiles => ({
  cert: pem(issued.der),
  key: String(issued.key.privateKey.export({ format: 'pem', type: 'pkcs8' })),
})

/** A client certificate of this authority; default one that nobody knows. */
export function certified(name: string, options: IssueOptions = {}, issuer = authority('Unknown Root')): ClientFiles {
  const extra = [extendedKeyUsage(['clientAuth']), ...(options.extra ?? [])]
  return filesOf(issuer.issue(`C=UT, CN=${name}`, { ...valid, ...options, extra }))
}

/** Clients of one authority: good ones, and one for each mistake. */
export function clientsOf(root: MockAuthority) {
  const issuing = root.subordinate('C=UT, CN=Client Issuing', valid)
  const behind = certified('behind', {}, issuing)
  return {
    good: certified('good', {}, root),
    viaIntermediate: { ...behind, cert: behind.cert + pem(issuing.der) },
    expired: certified('expired', { notBefore: daysFromNow(-3), notAfter: daysFromNow(-1) }, root),
    early: certified('early', { notBefore: daysFromNow(1), notAfter: daysFromNow(3) }, root),
    forServers: filesOf(root.issue('C=UT, CN=server', { ...valid, extra: [extendedKeyUsage(['serverAuth'])] })),
    weakKey: certified('weak', { key: testKey('rsa-1024', 'weak') }, root),
    sha1: certified('sha1', { algorithm: 'ecdsa-sha1' }, root),
  }
}

/** A server certificate for this machine with its key, and the authority that clients need. */
export function serverMaterial(name = 'server', options: IssueOptions = {}) {
  const root = authority(`Root of ${name}`)
  const names = subjectAltName([{ dns: 'localhost' }, { ip: Uint8Array.of(127, 0, 0, 1) }])
  const issued = root.issue(`C=UT, CN=${name}`, {
    ...valid,
    ...options,
    extra: [extendedKeyUsage(['serverAuth']), names],
  })
  const { cert: certificate, key } = filesOf(issued)
  return { certificate, key, authority: pem(root.der) }
}
