import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import * as dynamo from '@aws-sdk/client-dynamodb'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { defined, isMmfError, type Secret } from '@mmf/framework'
import { createAwsPlatform } from '@mmf/framework/aws'
import { startLoopbackServer } from '../../layer/framework/src/testing/loopback-server.ts'
import { toy } from '../infra/toy-plugin.ts'

// The configuration of a deployed function with references to secrets: the real client against a secret store on loopback.

const values: Readonly<Record<string, string>> = {
  'demo/testing/post/user': 'mary',
  'demo/testing/post/box': '{"number":"hunter2"}',
}

/** A store, and what a function needs to boot with these settings of the toy. */
async function setup(t: TestContext, settings: string, prefix?: string) {
  const asked: string[] = []
  const store = await startLoopbackServer(async (request, response) => {
    const { SecretId } = JSON.parse(Buffer.concat(await request.toArray()).toString())
    asked.push(SecretId)
    const value = values[SecretId]
    const answer = value === undefined ? { __type: 'AccessDeniedException' } : { Name: SecretId, SecretString: value }
    response
      .writeHead(value === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(answer))
  })
  const folder = mkdtempSync(join(tmpdir(), 'mmf-secrets-'))
  mkdirSync(join(folder, 'plugins'))
  cpSync('config/base.yaml', join(folder, 'base.yaml'))
  writeFileSync(join(folder, 'plugins/toy.yaml'), `default:\n  enabled: true\n  signing_algorithms: []\n${settings}`)
  t.after(async () => {
    rmSync(folder, { recursive: true })
    await store.close()
  })
  let loads = 0
  const boot = () =>
    createAwsPlatform({
      dynamodb: { client: { send: async () => assert.fail('no table is asked') }, commands: dynamo },
      secrets: async () => {
        loads += 1
        const client = new SecretsManagerClient({
          endpoint: store.origin,
          region: 'eu-central-1',
          credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
          maxAttempts: 1,
        })
        return { client, commands: { GetSecretValueCommand } }
      },
      definition: { plugin: toy, services: ['toy_inspector'] },
      env: {
        MMF_ENVIRONMENT: 'testing',
        MMF_CONFIG_DIR: folder,
        MMF__authentication__issuer: 'https://issuer.example',
        MMF__authentication__audience: 'toy',
        MMF__authentication__jwks_uri: 'https://issuer.example/jwks',
        MMF_TABLES: '{}',
        MMF_KEYS: '{}',
        MMF_FUNCTIONS: '{}',
        ...defined({ MMF_SECRETS_PREFIX: prefix }),
      },
    })
  const config = async () =>
    (await (await boot()).pluginConfig('toy')) as { readonly post_office?: Secret; readonly post_box?: Secret }
  return { boot, config, asked, loads: () => loads }
}

const prefix = 'demo/testing/'

describe('secrets of deployed functions', () => {
  test('references are resolved below the prefix of the deployment; the client is loaded once', async t => {
    const settings = `  post_office: "https://\${SECRET:post/user}@post.example"\n  post_box: "\${SECRET:post/box#number}"\n`
    const { config, asked, loads } = await setup(t, settings, prefix)
    const { post_office, post_box } = await config()
    assert.deepEqual([post_office?.reveal(), post_box?.reveal()], ['https://mary@post.example', 'hunter2'])
    assert.deepEqual(asked.sort(), ['demo/testing/post/box', 'demo/testing/post/user'])
    assert.equal(loads(), 1)
    assert.equal(JSON.stringify(post_box), '"[redacted]"')
  })

  test('a function without references loads no client', async t => {
    const { config, loads } = await setup(t, '', prefix)
    await config()
    assert.equal(loads(), 0)
  })

  for (const [what, settings, at] of [
    ['a secret that it may not read', `  post_box: "\${SECRET:other/box}"\n`, prefix],
    ['a reference that the deployment did not know of', `  post_box: "\${SECRET:post/user}"\n`, undefined],
  ] as const) {
    test(`${what} is a configuration that cannot be used, named without a value`, async t => {
      const { config } = await setup(t, settings, at)
      await assert.rejects(config(), (error: unknown) => {
        assert.ok(isMmfError(error, 'config_invalid'))
        assert.match(error.message, /post_box: secret "(other\/box|post\/user)" cannot be resolved/)
        assert.doesNotMatch(error.message, /hunter2|mary/)
        return true
      })
    })
  }
})
