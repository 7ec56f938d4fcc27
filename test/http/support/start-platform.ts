import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPluginConfigManager, type DatabaseAdapter, defined } from '@mmf/framework'
import type { KeyProvider } from '@mmf/framework/embedded'
import type { HttpEvent } from '@mmf/framework/http'
import type { EmbeddedPlatform } from '../../../infra/local/embedded-platform.ts'
import { openLocalIssuer } from '../../../infra/local/issuer/local-issuer.ts'
import { localSecrets } from '../../../infra/local/local-secrets.ts'
import { type LocalRunner, startLocal } from '../../../infra/local/start-local.ts'
import { openKeyStore } from '../../../layer/framework/src/keys/embedded/key-store.ts'
import { functionModules, installed } from '../../support/plugins.ts'

export interface TestPlatformOptions {
  /** Settings as environment variables, e.g. `MMF__plugins__marty__require_mutual_tls: 'true'`. */
  readonly env?: Readonly<Record<string, string>>
  readonly wrap?: { database?: (d: DatabaseAdapter) => DatabaseAdapter; keyProvider?: (p: KeyProvider) => KeyProvider }
  /** Default: those of this repository. */
  readonly plugins?: typeof installed
  /** That no other process uses the data folder. */
  readonly exclusive?: boolean
  /** Keeps the data of an earlier platform. */
  readonly dataDirectory?: string
  /** Changes the event that a function receives, e.g. adds the client certificate that only a deployed gateway can see. */
  readonly event?: (event: HttpEvent) => HttpEvent
}

/** Only these algorithms, as `env`: a platform without RSA starts much faster. */
export const signingWith = (...names: string[]) => ({
  MMF__plugins__marty__signing_algorithms: JSON.stringify(names),
})

export interface TestPlatform {
  readonly url: string
  readonly lines: Record<string, unknown>[]
  readonly platform: EmbeddedPlatform
  readonly relay: LocalRunner['relay']
  readonly dataDirectory: string
  /** A token of a document signer called signer-1, unless the claims say otherwise. */
  token(claims?: { subject?: string; roles?: string[]; permissions?: string[]; ttlSeconds?: number }): string
  request(method: string, path: string, options?: RequestOptions): Promise<TestAnswer>
  stop(): Promise<void>
}

interface RequestOptions {
  readonly token?: string
  /** Text and bytes are sent as they are, everything else as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface TestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at member by member in assertions.
  readonly json: any
}

/** The whole platform on a free port of 127.0.0.1: real handlers, SQLite file, encrypted keys, tokens of the local issuer. */
export async function startPlatform(options: TestPlatformOptions = {}): Promise<TestPlatform> {
  const dataDirectory = options.dataDirectory ?? join(mkdtempSync(join(tmpdir(), 'marty-test-')), 'data')
  const env = { MARTY_DATA_DIR: dataDirectory, MARTY_KEYS_PASSPHRASE: 'a passphrase of the tests', ...options.env }
  // A store of the cheapest key derivation that is allowed: these keys protect nothing. One that is there stays as it is.
  const keyStore = { directory: join(dataDirectory, 'keys'), secret: { passphrase: env.MARTY_KEYS_PASSPHRASE } }
  await openKeyStore({ ...keyStore, scryptCost: 2 ** 14 })
  const plugins = (options.plugins ?? installed).map(({ definition }) => definition)
  const schemas = Object.fromEntries(plugins.map(plugin => [plugin.name, plugin.config]))
  const configs = createPluginConfigManager({
    configDir: 'config',
    environment: 'development',
    env,
    schemas,
    secrets: localSecrets(env),
  })
  const base = await configs.getBaseConfig()
  const lines: Record<string, unknown>[] = []
  const local = await startLocal({
    configs,
    base: { ...base, server: { ...base.server, host: '127.0.0.1', port: 0 } },
    plugins,
    modules: await functionModules(options.plugins),
    env,
    // A test that breaks a port looks at its health at once.
    health: { maxAgeMs: 0 },
    sink: line => void lines.push(JSON.parse(line)),
    wrap: options.wrap,
    exclusive: options.exclusive,
    ...defined({ changeEvent: options.event }),
  })
  const { platform, url } = local
  const issuer = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } })

  return {
    url,
    lines,
    platform,
    relay: local.relay,
    dataDirectory,
    token: ({
      subject = 'signer-1',
      roles = ['document_signer'],
      permissions = ['sign_documents'],
      ttlSeconds = 600,
    } = {}) => issuer.issueToken({ subject, roles, permissions, ttlSeconds }),
    request: (method, path, given) => request(`${url}${path}`, method, given),
    async stop() {
      await local.stop(2000)
      if (options.dataDirectory === undefined) rmSync(join(dataDirectory, '..'), { recursive: true, force: true })
    },
  }
}

async function request(url: string, method: string, options: RequestOptions = {}): Promise<TestAnswer> {
  const { token, body, headers = {} } = options
  const response = await fetch(url, {
    method,
    headers: {
      ...defined({
        authorization: token === undefined ? undefined : `Bearer ${token}`,
        'content-type': body === undefined ? undefined : 'application/json',
      }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: asBody(body) }),
  })
  const text = await response.text()
  const isJson = text !== '' && response.headers.get('content-type')?.includes('json') === true
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
}

const asBody = (body: unknown): string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' ? body : body instanceof Uint8Array ? Uint8Array.from(body) : JSON.stringify(body)
