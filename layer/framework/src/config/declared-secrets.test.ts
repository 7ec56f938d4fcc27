import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMmfError } from '../errors/mmf-error.ts'
import { testConfigFolder } from './config-folder-fixture.ts'
import { pluginConfig } from './plugin-config.ts'
import { createPluginConfigManager } from './plugin-config-manager.ts'
import { isSecret, secretSetting } from './secret.ts'

test('only secrets that the manifest lists are looked up, in a reload too; without a list all are', async t => {
  const yaml = (name: string) => `default:\n  token: "\${SECRET:${name}}"\n`
  const { folder, write } = testConfigFolder(t, { 'base.yaml': 'default: {}\n', 'plugins/p.yaml': yaml('mine') })
  const asked: string[] = []
  const secrets = {
    description: 'test',
    resolve: async (name: string) => {
      asked.push(name)
      return `value of ${name}`
    },
  }
  const managerWith = (list: readonly string[] | undefined) =>
    createPluginConfigManager({
      configDir: folder,
      environment: 'testing',
      env: {},
      secrets,
      schemas: { p: pluginConfig({ token: secretSetting() }) },
      declaredSecrets: { p: list },
    })
  const tokenOf = async (manager: ReturnType<typeof managerWith>) => {
    const { token } = (await manager.getPluginConfig('p')) as Readonly<Record<string, unknown>>
    return isSecret(token) ? token.reveal() : assert.fail('the token is no secret')
  }
  const listing = managerWith(['mine'])
  assert.equal(await tokenOf(listing), 'value of mine')
  write('plugins/p.yaml', yaml('theirs'))
  const [result] = (await listing.reload()).filter(({ name }) => name === 'p')
  assert.ok(isMmfError(result?.error, 'config_invalid'))
  assert.match(
    result.error.message,
    /token: secret "theirs" cannot be resolved: .*permissions\.secrets of the manifest of p does not list it; it lists mine.*p\.yaml:2/,
  )
  assert.equal(await tokenOf(listing), 'value of mine')
  await assert.rejects(managerWith([]).getPluginConfig('p'), /it lists none/)
  assert.deepEqual(asked, ['mine'])
  assert.equal(await tokenOf(managerWith(undefined)), 'value of theirs')
})
