import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import * as dynamo from '@aws-sdk/client-dynamodb'
import { isMmfError } from '@mmf/framework'
import { createAwsPlatform } from '@mmf/framework/aws'
import { createFunctionHandler } from '@mmf/framework/http'
import { lambdaContext } from '../../infra/local/lambda-context.ts'
import { startLoopbackServer } from '../../layer/framework/src/testing/loopback-server.ts'
import { toy } from '../infra/toy-plugin.ts'
import { httpEvent } from './function-fixture.ts'

// A deployed function whose configuration lies in AppConfig: the agent is a server on loopback.

const agentPath = '/applications/abc1234/environments/xyz9876/configurations/toy'
const base = `default:
  configuration:
    appconfig:
      application: abc1234
      environment: xyz9876
      profiles: [toy]
      max_age_seconds: 0
      extension_layer: arn:aws:lambda:eu-central-1:123456789012:layer:AWS-AppConfig-Extension-Arm64:100
  authentication:
    issuer: https://issuer.example
    audience: toy
    jwks_uri: https://issuer.example/jwks
`
const settings = (level: string) => `{"default":{"signing_algorithms":[],"post_office":null,"enabled":${level}}}`
const plain = '{"default":{"signing_algorithms":[]}}'

async function setUp(t: TestContext, first: { status: number; text: string }) {
  let answer = first
  const asked: string[] = []
  const agent = await startLoopbackServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(answer.status).end(answer.text)
  })
  const folder = mkdtempSync(join(tmpdir(), 'mmf-appconfig-'))
  mkdirSync(join(folder, 'plugins'))
  writeFileSync(join(folder, 'base.yaml'), base)
  writeFileSync(join(folder, 'plugins/toy.yaml'), 'default:\n  signing_algorithms: [ML-DSA-65]\n')
  t.after(async () => {
    rmSync(folder, { recursive: true })
    await agent.close()
  })
  const handler = createFunctionHandler({ platformOf: [toy] }, definition =>
    createAwsPlatform({
      dynamodb: { client: { send: async () => ({}) as never }, commands: dynamo },
      definition,
      env: {
        MMF_ENVIRONMENT: 'testing',
        MMF_CONFIG_DIR: folder,
        MMF_TABLES: '{}',
        MMF_KEYS: '{}',
        MMF_FUNCTIONS: '{}',
        AWS_APPCONFIG_EXTENSION_HTTP_PORT: new URL(agent.origin).port,
      },
    }),
  )
  const configuration = async () => {
    const { body = '' } = await handler(httpEvent('GET', '/health', undefined, {}), lambdaContext('r', 5000))
    return JSON.parse(body).configuration
  }
  return {
    handler,
    asked,
    configuration,
    say: (status: number, text: string) => {
      answer = { status, text }
    },
  }
}

describe('configuration of AppConfig', () => {
  test('is asked for before an event once it is too old, checked, and the last good one stays', async t => {
    const { asked, configuration, say } = await setUp(t, { status: 200, text: plain })
    const first = await configuration()
    assert.equal(first.status, 'current')
    assert.deepEqual([...new Set(asked)], [agentPath])

    say(200, '{"default":{"signing_algorithms":"none"}}')
    assert.deepEqual((await configuration()).error, { configuration: 'toy', code: 'config_invalid' })
    say(200, '{"default":')
    assert.equal((await configuration()).error.code, 'config_malformed')
    say(500, 'Internal Server Error')
    const silent = await configuration()
    assert.deepEqual([silent.status, silent.error.code], ['refused', 'config_unreadable'])

    say(200, 'default:\n  signing_algorithms: []\n  enabled: false\n')
    const fresh = await configuration()
    assert.deepEqual([fresh.status, fresh.restart], ['current', ['enabled']])
    assert.ok(fresh.since > first.since)
  })

  for (const [status, text, code] of [
    [404, 'not found', 'config_unreadable'],
    [200, settings('"perhaps"'), 'config_invalid'],
    [200, 'x'.repeat(1_000_001), 'config_unreadable'],
  ] as const) {
    test(`stops the boot where there is none to begin with: ${code} for ${status} with ${text.length} bytes`, async t => {
      const { handler } = await setUp(t, { status, text })
      // The file of the deployment may be looser than what was put there, so that it does not stand in.
      await assert.rejects(handler.boot(), error => isMmfError(error, code))
    })
  }
})
