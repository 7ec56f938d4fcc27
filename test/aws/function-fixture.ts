import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defined } from '@mmf/framework'
import type { HttpEvent } from '@mmf/framework/http'
import { root } from '../../tools/build/paths.ts'
import { ensureBuilt } from '../e2e/ensure-built.ts'
import { es256 } from '../http/support/tokens.ts'

/** An issuer with an ES256 key whose JWKS is served on loopback. */
export async function startIssuer(grants: {
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
}) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'ES256' }
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys: [jwk] }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: issuer,
    aud: 'marty',
    sub: 's',
    iat: now,
    exp: now + 600,
    ...grants,
  }
  return {
    issuer,
    jwksUri: `${issuer}/jwks`,
    token: es256({ kid: 'test' }, claims, privateKey),
    close: () => new Promise(resolve => server.close(resolve)),
  }
}

/** A request as API Gateway hands it to a function. */
export function httpEvent(
  method: string,
  path: string,
  body: object | undefined,
  headers: Record<string, string>,
): HttpEvent {
  const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' }
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: { 'content-type': 'application/json', ...headers },
    requestContext: {
      accountId: '0',
      apiId: 'test',
      domainName: 'test',
      domainPrefix: 'test',
      http,
      requestId: 'r',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    ...defined({ body: JSON.stringify(body) }),
    isBase64Encoded: false,
  }
}

/** A function as it is deployed: the bundle of the build, over the built layer. Its variables must be set before. */
export async function builtHandler(file: string) {
  await ensureBuilt()
  const { handler } = await import(pathToFileURL(join(root, `dist/handlers/${file}.mjs`)).href)
  return handler
}
