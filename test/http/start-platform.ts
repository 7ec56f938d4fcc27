import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseAdapter } from '@mmf/framework'
import { createPluginConfigManager, type KeyProvider } from '@mmf/framework/embedded'
import type { HttpEvent, HttpFunction } from '@mmf/framework/http'
import { create as createDocumentSigner } from '../../handlers/document-signer.ts'
import { create as createPlatform } from '../../handlers/platform.ts'
import { type EmbeddedPlatform, openEmbeddedPlatform } from '../../infra/local/embedded-platform.ts'
import { startGateway } from '../../infra/local/gateway.ts'
import { openLocalIssuer } from '../../infra/local/issuer/local-issuer.ts'
import { plugins } from '../../plugins/index.ts'

export interface TestPlatformOptions {
  /** Settings as environment variables, e.g. `MMF__plugins__marty__require_mutual_tls: 'true'`. */
  readonly env?: Readonly<Record<string, string>>
  readonly wrap?: { database?: (d: DatabaseAdapter) => DatabaseAdapter; keyProvider?: (p: KeyProvider) => KeyProvider }
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
  readonly dataDirectory: string
  /** A token of a document signer called signer-1, unless the claims say otherwise. */
  token(claims?: { subject?: string; roles?: string[]; permissions?: string[]; ttlSeconds?: number }): string
  request(method: string, path: string, options?: RequestOptions): Promise<TestAnswer>
  stop(): Promise<void>
}

export interface RequestOptions {
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
  const schemas = Object.fromEntries(plugins.map(plugin => [plugin.name, plugin.config]))
  const configs = createPluginConfigManager({ configDir: 'config', environment: 'development', env, schemas })
  const base = await configs.getBaseConfig()
  const lines: Record<string, unknown>[] = []
  const platform = await openEmbeddedPlatform({
    configs,
    base,
    plugins,
    env,
    sink: line => void lines.push(JSON.parse(line)),
    ...(options.wrap === undefined ? {} : { wrap: options.wrap }),
  })
  const signer = createDocumentSigner(async () => platform.http)
  const fallback = createPlatform(async () => platform.http)
  await Promise.all([signer.boot(), fallback.boot()])
  const { event: change } = options
  const served =
    (handler: HttpFunction): HttpFunction =>
    (e, c) =>
      handler(change === undefined ? e : change(e), c)
  const [signing, others] = [served(signer), served(fallback)]
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    requestTimeoutMs: base.server.request_timeout_seconds * 1000,
    handlerFor: (_method, path) => (path.startsWith('/v1/') ? signing : others),
    onFailure: error =>
      void lines.push({ level: 'FAILURE', error: error instanceof Error ? (error.stack ?? '') : String(error) }),
  })
  const issuer = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } })

  return {
    url: gateway.url,
    lines,
    platform,
    dataDirectory,
    token: ({
      subject = 'signer-1',
      roles = ['document_signer'],
      permissions = ['sign_documents'],
      ttlSeconds = 600,
    } = {}) => issuer.issueToken({ subject, roles, permissions, ttlSeconds }),
    request: (method, path, given) => request(`${gateway.url}${path}`, method, given),
    async stop() {
      await gateway.stop(2000)
      await platform.close()
      if (options.dataDirectory === undefined) rmSync(join(dataDirectory, '..'), { recursive: true, force: true })
    },
  }
}

async function request(url: string, method: string, options: RequestOptions = {}): Promise<TestAnswer> {
  const { token, body, headers = {} } = options
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
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
