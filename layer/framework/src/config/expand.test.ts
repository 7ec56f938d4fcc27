// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in configuration look like template strings.
import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { inspect } from 'node:util'
import * as z from 'zod'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import { testConfigFolder } from './config-folder-fixture.ts'
import { pluginConfig } from './plugin-config.ts'
import { createPluginConfigManager, type PluginConfigManagerOptions } from './plugin-config-manager.ts'
import { secretSetting } from './secret.ts'
import { environmentSecretResolver, fileSecretResolver, firstSecretResolver } from './secret-resolver.ts'

const schema = pluginConfig({
  url: z.string().optional(),
  ttl: z.int().optional(),
  hosts: z.array(z.string()).optional(),
  password: secretSetting().optional(),
  dsn: secretSetting().optional(),
})

function load(t: TestContext, yaml: string, options: PluginConfigManagerOptions = {}) {
  const { folder } = testConfigFolder(t, { 'plugins/p.yaml': yaml })
  const manager = createPluginConfigManager({
    configDir: folder,
    environment: 'testing',
    env: {},
    ...options,
    schemas: { p: schema },
  })
  return { config: manager.getPluginConfig('p'), manager }
}

test('references are replaced inside text and in lists; a whole reference is typed by the schema', async t => {
  const yaml =
    'default:\n  url: "https://${HOST:-${FALLBACK}}/$${x}"\n  ttl: ${TTL}\n  hosts: ["${HOST:-a}", "b-${TTL}"]\n'
  const { config } = load(t, yaml, { env: { FALLBACK: 'f', TTL: '60' } })
  const { url, ttl, hosts } = await config
  assert.deepEqual({ url, ttl, hosts }, { url: 'https://f/${x}', ttl: 60, hosts: ['a', 'b-60'] })
})

test('an empty variable takes the fallback; the value of a variable is not looked into', async t => {
  const { config } = load(t, 'default:\n  url: "${A:-b}${C}"\n', { env: { A: '', C: '${D}' } })
  assert.equal((await config).url, 'b${D}')
})

test('everything that is missing is reported at once, each with its place', async t => {
  const yaml = 'default:\n  url: "${ONE}/${TWO}"\n  hosts:\n    - "${THREE}"\n  password: "${SECRET:four}"\n'
  await assert.rejects(load(t, yaml).config, (error: unknown) => {
    assert.ok(isMmfError(error, 'config_invalid'))
    assert.deepEqual(error.errors.map(({ path }) => path).sort(), ['hosts.0', 'password', 'url', 'url'])
    for (const name of ['ONE', 'TWO', 'THREE', 'four']) assert.ok(error.message.includes(name), name)
    assert.match(error.message, /p\.yaml:4:7/)
    return true
  })
})

test('a reference that is not well-formed is refused', async t => {
  await assert.rejects(load(t, 'default:\n  url: "${A"\n').config, (error: unknown) =>
    isMmfError(error, 'config_invalid'),
  )
})

test('a section that is overlaid is not expanded: what production replaces need not be set there', async t => {
  const { config } = load(t, 'default:\n  url: "${MISSING}"\ntesting:\n  url: here\n')
  assert.equal((await config).url, 'here')
})

test('secrets are found anywhere in a text, and shown nowhere', async t => {
  const env = { MMF_SECRET_DB_PASSWORD: 'hunter2', MMF_SECRET_PKD: '{"user":"u","password":"s3same"}' }
  const yaml = 'default:\n  password: "${SECRET:db/password}"\n  dsn: "postgres://u:${SECRET:pkd#password}@h/"\n'
  const { config, manager } = load(t, yaml, { env, secrets: environmentSecretResolver(env) })
  const { password, dsn } = await config
  assert.equal(password?.reveal(), 'hunter2')
  assert.equal(dsn?.reveal(), 'postgres://u:s3same@h/')
  const explained = await manager.explain('p')
  const shown = [
    inspect(await config, { depth: 9, showHidden: true }),
    JSON.stringify(await config),
    `${password}`,
    JSON.stringify(explained),
  ]
  for (const text of shown) {
    assert.doesNotMatch(text, /hunter2|s3same/)
    assert.match(text, /\[redacted\]/)
  }
  assert.deepEqual(explained.find(({ path }) => path === 'dsn')?.references, ['SECRET:pkd'])
})

test('a secret where the schema wants none, and plain text where it wants a secret, are refused without showing it', async t => {
  const env = { MMF_SECRET_X: 'hunter2' }
  for (const yaml of [
    'default:\n  url: "${SECRET:x}"\n',
    'default:\n  password: hunter2\n',
    'default:\n  ttl: "${SECRET:x}"\n',
  ]) {
    await assert.rejects(load(t, yaml, { env, secrets: environmentSecretResolver(env) }).config, (error: unknown) => {
      assert.ok(isMmfError(error, 'config_invalid'))
      assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2/)
      return true
    })
  }
})

test('an unresolved secret is an error that names the stores asked; a failing store too', async t => {
  const { config } = load(t, 'default:\n  password: "${SECRET:x}"\n', { secrets: environmentSecretResolver({}) })
  await assert.rejects(config, /"x" is not known \(asked: environment variables/)
  const failing = {
    description: 'vault',
    resolve: () => Promise.reject(new MmfError('config_unreadable', { detail: 'sealed' })),
  }
  await assert.rejects(load(t, 'default:\n  password: "${SECRET:x}"\n', { secrets: failing }).config, /sealed/)
})

test('a file of secrets must be readable to its owner only, and is asked after the environment', async t => {
  const { folder, write } = testConfigFolder(t, { 'secrets.json': '{"x":"from file","y":"y"}' })
  const file = `${folder}/secrets.json`
  const resolver = firstSecretResolver(
    environmentSecretResolver({ MMF_SECRET_X: 'from environment' }),
    fileSecretResolver(file),
  )
  chmodSync(file, 0o644)
  await assert.rejects(resolver.resolve('y'), (error: unknown) => isMmfError(error, 'config_unreadable'))
  chmodSync(file, 0o600)
  assert.equal(await resolver.resolve('x'), 'from environment')
  assert.equal(await resolver.resolve('y'), 'y')
  assert.equal(await resolver.resolve('toString'), undefined)
  assert.equal(await resolver.resolve('y', 'v1'), undefined)
  write('secrets.json', '{"y": hunter2}')
  await assert.rejects(resolver.resolve('y'), (error: unknown) => !inspect(error).includes('hunter2'))
  write('secrets.json', '{"y":"hunter2","y":"hunter3"}')
  await assert.rejects(resolver.resolve('y'), (error: unknown) => {
    assert.match(inspect(error), /y: given twice/)
    return !inspect(error).includes('hunter')
  })
  assert.equal(await fileSecretResolver(`${folder}/absent.json`).resolve('y'), undefined)
})
