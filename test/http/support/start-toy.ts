import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPluginConfigManager, defined, type PluginDefinition } from '@mmf/framework'
import { createFunctionHandler, type HandlerDefinition, type PlatformFactory } from '@mmf/framework/http'
import { openLocalIssuer } from '../../../infra/local/issuer/local-issuer.ts'
import { startLocal } from '../../../infra/local/start-local.ts'
import { type ManifestOfResources, resourcesOf } from '../../../infra/plugins/service-resources.ts'

/** A plugin of a test as `npm start` runs plugins: gateway, functions, relay, SQLite, tokens of the local issuer. */
export async function startToy(
  plugin: PluginDefinition,
  {
    manifest = {},
    variables = {},
  }: { manifest?: ManifestOfResources; variables?: Readonly<Record<string, string>> } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'toy-'))
  const dataDirectory = join(folder, 'data')
  const env = { MARTY_KEYS_PASSPHRASE: 'a passphrase of the tests', ...variables }
  const schemas = { [plugin.name]: plugin.config }
  const configs = createPluginConfigManager({ configDir: 'config', environment: 'development', env, schemas })
  const base = await configs.getBaseConfig()
  // As the build makes them: a function for each service.
  const definitions = plugin.services.map(service => ({
    plugin: { ...plugin, services: [service] },
    services: [service.name],
  }))
  const lines: Record<string, unknown>[] = []
  const platformOf: readonly [PluginDefinition] = [plugin]
  const create = (served: HandlerDefinition) => (factory: PlatformFactory) => createFunctionHandler(served, factory)
  const local = await startLocal({
    configs,
    base: { ...base, server: { ...base.server, host: '127.0.0.1', port: 0 }, embedded: { data_dir: dataDirectory } },
    plugins: [plugin],
    modules: [
      ...definitions.map(definition => ({ definition, create: create(definition) })),
      { definition: { platformOf }, create: create({ platformOf }) },
    ],
    env,
    resources: { [plugin.name]: resourcesOf(plugin, manifest, base.plugins.resources) },
    health: { maxAgeMs: 0 },
    sink: line => void lines.push(JSON.parse(line)),
  })
  const issuer = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } })
  return {
    local,
    lines,
    async ask(
      route: string,
      {
        subject,
        roles = [],
        body,
        headers = {},
      }: {
        subject?: string
        roles?: string[]
        body?: object
        headers?: Readonly<Record<string, string>>
      } = {},
    ) {
      const [method = '', path = ''] = route.split(' ')
      const token = subject && issuer.issueToken({ subject, roles, permissions: [], ttlSeconds: 600 })
      const response = await fetch(local.url + path, {
        method,
        headers: {
          ...headers,
          ...defined({
            authorization: token === undefined ? undefined : `Bearer ${token}`,
            'content-type': body === undefined ? undefined : 'application/json',
          }),
        },
        ...defined({ body: JSON.stringify(body) }),
      })
      const text = await response.text()
      // biome-ignore lint/suspicious/noExplicitAny: answers are looked at member by member in assertions.
      const json: any = response.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : undefined
      return { status: response.status, headers: response.headers, text, json }
    },
    async stop() {
      await local.stop(2000)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
