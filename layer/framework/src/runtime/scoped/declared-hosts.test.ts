import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createEgress } from '../../egress/create-egress.ts'
import { httpServer } from '../../egress/loopback.fixture.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import { manifestOf } from '../manifest.ts'
import { pluginOf } from '../mmf-plugin.ts'
import { testDefinition, testPlatform } from '../plugin-fixture.ts'
import { PluginManager } from '../plugin-manager.ts'
import { declaredHosts } from './declared-hosts.ts'

const names: Readonly<Record<string, string>> = {
  'one.test': '127.0.0.1',
  'two.test': '127.0.0.1',
  'sub.one.test': '127.0.0.1',
}
const egress = createEgress({
  allowPrivate: ['127.0.0.1/32'],
  resolve: async name => [{ address: names[name] ?? assert.fail(`${name} was looked up`), family: 4 }],
})
const refused = (host: string) => (error: unknown) => {
  assert.ok(isMmfError(error, 'egress_refused'))
  assert.ok(error.detail?.includes(`the host ${host} is not in permissions.egress of the manifest of p`), error.detail)
  return true
}

describe('the hosts that a manifest lists', () => {
  it('are asked, and no other one, not by a redirect either', async context => {
    const { origin, closed } = await httpServer(context, (request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: `http://two.test:${port}/` }).end()
      else response.end('here')
    })
    const { port } = new URL(origin)
    const limited = declaredHosts(egress, ['one.test', '*.one.test'], 'p')
    for (const host of ['one.test', 'ONE.test', 'sub.one.test']) {
      assert.equal((await limited.request(`http://${host}:${port}/`)).status, 200)
    }
    await assert.rejects(limited.request(`http://two.test:${port}/`), refused('two.test'))
    await assert.rejects(limited.request('http://nowhere.test/'), refused('nowhere.test'))
    await assert.rejects(limited.request(`http://one.test:${port}/away`), refused('two.test'))
    await assert.rejects(declaredHosts(egress, [], 'p').request(`http://one.test:${port}/`), refused('one.test'))
    assert.equal((await declaredHosts(egress, ['*'], 'p').request(`http://two.test:${port}/`)).status, 200)
    await closed()
  })

  it('hold for the plugin that a manager starts', async context => {
    const { origin, closed } = await httpServer(context, (_request, response) => response.end('here'))
    const { port } = new URL(origin)
    const { platform } = testPlatform()
    const manager = new PluginManager({ ...platform, egress })
    const sending = testDefinition('p')
    const [service] = sending.services
    const say = { ...service.operations.say, scope: { egress: true as const } }
    const plugin = pluginOf({ ...sending, services: [{ ...service, operations: { say } }] } as typeof sending)
    const permissions = { tables: {}, keys: [], events: [], egress: ['one.test'], secrets: [] }
    await manager.loadPluginInstance(plugin, 'p', { manifest: { ...manifestOf(sending), permissions } })
    await manager.startPlugin('p')
    assert.equal((await plugin.context.egress.request(`http://one.test:${port}/`)).status, 200)
    await assert.rejects(plugin.context.egress.request(`http://two.test:${port}/`), refused('two.test'))
    await closed()
  })
})
