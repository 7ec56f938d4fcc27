import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createRoot, extendedKeyUsage, subjectAltName } from '../../layer/pki/src/testing/index.ts'
import { es256 } from '../http/support/tokens.ts'

/** An issuer of tokens over TLS, as production asks for one. */
export interface Issuer {
  /** Its root certificate, a PEM file: for `NODE_EXTRA_CA_CERTS`. */
  readonly trust: string
  /** The variables of `config/base.yaml`, and the settings for environments that have no section there. */
  readonly variables: Readonly<Record<string, string>>
  token(grants: { readonly roles?: readonly string[]; readonly permissions?: readonly string[] }, more?: object): string
  close(): Promise<void>
}

const dayMs = 86_400_000

/** MiniStack speaks plain HTTP on every port of 127.0.0.1, so the issuer has another address of loopback. */
const host = '127.0.0.2'

export async function startIssuer(folder: string): Promise<Issuer> {
  const window = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) }
  const authority = createRoot('CN=Issuer Root', window)
  const server = authority.issue('CN=issuer', {
    ...window,
    extra: [subjectAltName([{ ip: host.split('.').map(Number) }]), extendedKeyUsage(['serverAuth'])],
  })
  const trust = join(folder, 'issuer-root.pem')
  writeFileSync(trust, pem(authority.der))
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'emulator', use: 'sig', alg: 'ES256' }
  const key = String(server.key.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const https = createServer({ key, cert: pem(server.der) }, (_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys: [jwk] }))
  })
  https.listen(0, host)
  await once(https, 'listening')
  const issuer = `https://${host}:${(https.address() as AddressInfo).port}`
  const settings = { issuer, audience: 'marty', jwks_uri: `${issuer}/jwks` }
  return {
    trust,
    variables: Object.fromEntries(
      Object.entries(settings).flatMap(([name, value]) => [
        [`MMF__authentication__${name}`, value],
        [`MMF_TOKEN_${name.toUpperCase()}`, value],
      ]),
    ),
    token({ roles = [], permissions = [] }, more = {}) {
      const iat = Math.floor(Date.now() / 1000)
      const claims = { iss: issuer, aud: 'marty', sub: 'tester', iat, exp: iat + 600, roles, permissions, ...more }
      return es256({ kid: jwk.kid }, claims, privateKey)
    },
    async close() {
      https.closeAllConnections()
      await new Promise(resolve => https.close(resolve))
    },
  }
}

const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
