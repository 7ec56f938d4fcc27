import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { lambdaContext } from '../../../infra/local/lambda-context.ts'
import { functionOf } from '../../support/plugins.ts'
import { loopbackOnly, type SourceServer, startSource } from '../support/source-server.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

// The addresses of the services themselves answer, as they do where an earlier version polled them.
let marty: TestPlatform
let service: SourceServer
before(async () => {
  service = await startSource()
  marty = await startPlatform({
    env: {
      ...signingWith('ECDSA-SHA256'),
      ...loopbackOnly,
      MMF__plugins__marty__pkd_url: service.url,
      MMF__plugins__marty__trust_anchor_url: service.url,
    },
  })
})
after(async () => {
  await marty.stop()
  await service.stop()
})

test('without a source nothing is polled, a service address least of all, and no alarm rings', async () => {
  const platform = async () => marty.platform.http
  const run = (service: string, operation: string) =>
    functionOf(service).create(platform)({ mmf: 'schedule', operation }, lambdaContext(operation, 20_000))
  await run('pkd', 'pkd.poll_directory')
  await run('trust_anchor', 'trust_anchor.poll_master_list')
  assert.equal(service.seen.count, 0)
  const metrics = (await marty.request('GET', '/metrics')).text
  assert.match(metrics, /^mmf_schedule_failures_total\{operation="pkd.poll_directory"\} 0$/m)
})

test('the health of the service says so, and is not worse for it', async () => {
  const { services } = (await marty.request('GET', '/plugins/marty/health')).json
  for (const [name, setting] of [
    ['pkd', 'pkd_source_url'],
    ['trust_anchor', 'master_list_source_url'],
  ] as const) {
    assert.equal(services[name].status, 'healthy')
    assert.match(services[name].reason, new RegExp(`^no source: .*${setting}`))
  }
})

test('a refresh that is asked for names the setting that is missing', async () => {
  const roles = ['pkd_administrator', 'trust_administrator']
  const token = marty.token({ subject: 'admin-1', roles, permissions: [] })
  for (const [path, setting] of [
    ['/v1/pkd/refresh', 'pkd_source_url'],
    ['/v1/trust-anchors/master-lists/refresh', 'master_list_source_url'],
  ] as const) {
    const { status, json } = await marty.request('POST', path, { token, body: {} })
    assert.deepEqual([status, json.code], [409, 'source_not_configured'])
    assert.match(json.detail, new RegExp(setting))
  }
})
