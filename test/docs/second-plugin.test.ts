import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { createPluginConfigManager, defined, type PluginDefinition } from '@mmf/framework'
import { App } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { platformTables } from '../../infra/aws/framework.ts'
import { loadDeployment } from '../../infra/aws/load-deployment.ts'
import { buildStacks } from '../../infra/aws/stacks/build-stacks.ts'
import { openLocalIssuer } from '../../infra/local/issuer/local-issuer.ts'
import { type LocalRunner, startLocal } from '../../infra/local/start-local.ts'
import type { InstalledPlugin } from '../../infra/plugins/installed-plugins.ts'
import { pluginsHere } from '../../infra/plugins/plugins-here.ts'
import { checkArrows } from '../../tools/architecture/arrows.ts'
import { readSources } from '../../tools/architecture/source-tree.ts'
import { checkZodUsage } from '../../tools/build/zod-usage.ts'
import { cdkContext } from '../infra/cdk-context.ts'
import { issuer as issuerVariables } from '../infra/toy-deployment.ts'
import { functionModules } from '../support/plugins.ts'
import { readPage, root } from './pages.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

// The plugin of docs/plugin-api.md, as the page has it, beside Marty: what the page says is derived from it is there.

describe('the plugin of docs/plugin-api.md', () => {
  let workshop: Workshop
  let installed: readonly InstalledPlugin[]
  let plugins: readonly PluginDefinition[]
  const load = async (file: string) => import(pathToFileURL(join(workshop.folder, file)).href)

  before(async () => {
    workshop = openWorkshop([readPage('docs/plugin-api.md')])
    const here = await pluginsHere({ root: workshop.folder, env: {} })
    assert.deepEqual(here.problems, [])
    installed = here.plugins
    plugins = installed.map(({ definition }) => definition)
  })
  after(() => workshop.remove())

  it('keeps to the arrows and to the zod of the layer', async () => {
    const sources = readSources(workshop.folder)
    assert.ok(sources.has('plugins/visitors/plugin.ts'))
    assert.deepEqual(checkArrows(sources), [])
    await checkZodUsage([join(workshop.folder, 'plugins/visitors/plugin.ts')])
  })

  describe('on this machine', () => {
    let local: LocalRunner
    let token: string
    const env = {
      MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]',
      MARTY_KEYS_PASSPHRASE: 'a passphrase of the tests',
    }

    before(async () => {
      const dataDirectory = join(workshop.folder, 'data')
      const schemas = Object.fromEntries(plugins.map(({ name, config }) => [name, config]))
      const configDir = join(workshop.folder, 'config')
      const configs = createPluginConfigManager({ configDir, environment: 'development', env, schemas })
      const base = await configs.getBaseConfig()
      const modules = await functionModules(installed)
      const server = { ...base.server, host: '127.0.0.1', port: 0 }
      const settings = { ...base, server, embedded: { data_dir: dataDirectory } }
      local = await startLocal({ configs, base: settings, plugins, modules, env, sink: () => {} })
      const issuer = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } })
      const access = { roles: ['receptionist'], permissions: ['register_visits'] }
      token = issuer.issueToken({ subject: 'ann', ...access, ttlSeconds: 600 })
    })
    after(() => local.stop(2000))

    const request = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
      const response = await fetch(`${local.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        ...defined({ body: body === undefined ? undefined : JSON.stringify(body) }),
      })
      // biome-ignore lint/suspicious/noExplicitAny: answers are looked at member by member in assertions.
      const json: any = await response.json()
      return { status: response.status, headers: response.headers, json }
    }

    it('registers once under one Idempotency-Key, lists, and refuses strangers', async () => {
      const key = { 'idempotency-key': 'visit-1' }
      const visit = await request('POST', '/v1/visits', { host: 'bob', visitor: 'eve' }, key)
      assert.equal(visit.status, 201)
      const again = await request('POST', '/v1/visits', { host: 'bob', visitor: 'eve' }, key)
      assert.deepEqual(again.json, visit.json)
      assert.equal(again.headers.get('idempotency-replayed'), 'true')
      const list = await request('GET', '/v1/visits?host=bob&limit=5')
      assert.deepEqual(list.json, { visits: [visit.json] })
      const unsigned = await request('POST', '/v1/visits', {}, { authorization: '' })
      assert.equal(unsigned.json.code, 'authentication_required')
      const unknownField = await request('POST', '/v1/visits', { host: 'bob', visitor: 'eve', nose: 'red' })
      assert.equal(unknownField.json.code, 'validation_failed')
    })

    it('delivers its event to its handler', { timeout: 120_000 }, async () => {
      const { events, database } = local.platform.http
      const { visitors } = await load('plugins/visitors/plugin.ts')
      const [reception] = visitors.services
      const [visitRegistered] = reception.operations.registerVisit.scope.events
      const notices = reception.operations.noticeVisit.scope.tables[1].table
      const visit = { visitId: 'v', host: 'bob', visitor: 'mallory', arrivedAt: '2026-01-01T00:00:00.000Z' }
      const written = events('visitors', 'reception').outbox(visitRegistered.event, visit, { correlationId: 'c' })
      assert.ok(written.kind === 'put')
      await database.write(written)
      const key = { eventId: String(written.row['id']) }
      // The relay runs by itself; the test runner's limit ends a wait in vain.
      for (local.relay.wake(); (await database.get(notices, key)) === undefined; ) await setTimeout(10)
      assert.deepEqual(await database.get(notices, key), { ...key, text: 'mallory is here' })
    })

    it('is in health, OpenAPI and the metrics', async () => {
      const health = await request('GET', '/plugins/visitors/health')
      assert.deepEqual(health.json.services, { reception: { status: 'healthy' } })
      const { json } = await request('GET', '/openapi.json')
      assert.deepEqual(Object.keys(json.paths['/v1/visits']), ['post', 'get'])
      const metrics = await fetch(`${local.url}/metrics`)
      assert.match(await metrics.text(), /^visitors_visit_registrations_total\{status="success"\} \d+$/m)
    })
  })

  it('becomes stacks: a table, a function, routes, grants and a subscription', async () => {
    const dist = join(workshop.folder, 'dist')
    const visitors = plugins.filter(({ name }) => name === 'visitors')
    // The code of the functions is of no concern here: files of these names are enough.
    for (const name of ['platform', 'reception', 'outbox-relay', 'outbox-sweeper']) emptyHandler(dist, name)
    const deployment = await loadDeployment({
      app: 'demo',
      environment: 'production',
      plugins: visitors,
      platformTables,
      configDir: join(workshop.folder, 'config'),
      dist,
      variables: issuerVariables,
    })
    const context = cdkContext(join(root, 'cdk.json'))
    const app = new App({ outdir: join(workshop.folder, 'cdk.out'), context, analyticsReporting: false })
    const { state, service } = buildStacks(app, deployment)
    const [tables, functions] = [Template.fromStack(state), Template.fromStack(service)]

    tables.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      KeySchema: [{ AttributeName: 'visitId', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [Match.objectLike({ IndexName: 'by_host' })],
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    })
    functions.hasResourceProperties('AWS::Lambda::Function', { Handler: 'reception.handler' })
    for (const RouteKey of ['POST /v1/visits', 'GET /v1/visits'])
      functions.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey })
    functions.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { 'detail-type': ['visitors.visit_registered.v1'] },
    })
  })
})

function emptyHandler(dist: string, name: string): void {
  mkdirSync(join(dist, 'layer/nodejs'), { recursive: true })
  mkdirSync(join(dist, 'handlers'), { recursive: true })
  writeFileSync(join(dist, 'layer/nodejs/layer.mjs'), '')
  writeFileSync(join(dist, `handlers/${name}.mjs`), `export const handler = '${name}'\n`)
}
