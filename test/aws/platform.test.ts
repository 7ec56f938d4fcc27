import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import type { FunctionHandler } from '@mmf/framework/http'
import { createTableInput, dynamoDbLocalMissing, startDynamoDbLocal } from '@mmf/framework/testing'
import { platformTables } from '../../infra/aws/framework.ts'
import { lambdaContext } from '../../infra/local/lambda-context.ts'
import type { QueueAnswer, QueueEvent } from '../../layer/framework/src/aws/dead-letter-filing.ts'
import { builtHandler, httpEvent, startIssuer } from './function-fixture.ts'

// The platform's own function and the one that files dead letters, as deployed: their handlers, variables and SDK clients.

const skip = dynamoDbLocalMissing()
if (skip !== false) console.log(`the functions of the platform on AWS adapters: ${skip}`)

describe('dead letters over HTTP on AWS', { skip }, () => {
  const closers: (() => unknown)[] = []
  const invoked: { readonly url: string; readonly event: unknown }[] = []
  let platform: FunctionHandler
  let file: (event: QueueEvent) => Promise<QueueAnswer>
  let token: string

  before(async () => {
    const local = await startDynamoDbLocal()
    closers.push(() => local.stop())
    const issuer = await startIssuer({ roles: ['platform_administrator'], permissions: [] })
    closers.push(issuer.close)
    token = issuer.token
    const lambda = createServer(async (request, response) => {
      const event = JSON.parse(Buffer.concat(await request.toArray()).toString())
      invoked.push({ url: request.url ?? '', event })
      response.writeHead(202).end()
    })
    await new Promise<void>(resolve => lambda.listen(0, '127.0.0.1', resolve))
    closers.push(() => {
      lambda.closeAllConnections()
      lambda.close()
    })
    const tables = Object.values(platformTables)
    Object.assign(process.env, {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_DYNAMODB: local.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`,
      MMF_ENVIRONMENT: 'testing',
      MMF_CONFIG_DIR: 'config',
      MMF__authentication__issuer: issuer.issuer,
      MMF__authentication__audience: 'marty',
      MMF__authentication__jwks_uri: issuer.jwksUri,
      MMF__plugins__marty__require_mutual_tls: 'false',
      MMF_TABLES: JSON.stringify(Object.fromEntries(tables.map(({ name }) => [name, `Marty-${name}`]))),
      MMF_KEYS: '{}',
      MMF_FUNCTIONS: '{}',
      MMF_SUBSCRIBERS: '{"certificate_validation":"marty-testing-marty-certificate_validation"}',
      MMF_DEAD_LETTERS: '{"the-dead-letters":"certificate_validation"}',
    })
    const dynamodb = new DynamoDBClient({})
    closers.push(() => dynamodb.destroy())
    for (const table of tables)
      await dynamodb.send(new CreateTableCommand(createTableInput(table, `Marty-${table.name}`)))
    platform = await builtHandler('platform')
    file = await builtHandler('dead-letters')
  })
  after(async () => {
    for (const close of closers.reverse()) await close()
  })

  const send = async (method: string, path: string, body?: object) => {
    const event = httpEvent(method, path, body, { authorization: `Bearer ${token}` })
    const answer = await platform(event, lambdaContext('r', 20_000))
    return { status: answer.statusCode, json: JSON.parse(answer.body ?? '') }
  }
  const event = (id: string) => ({
    specversion: '1.0',
    id,
    type: 'marty.certificate_revoked.v1',
    source: '/plugins/marty/services/trust_anchor',
    time: '2026-01-01T00:00:00.000Z',
    data: {},
  })
  const delivered = (id: string) => ({ 'detail-type': event(id).type, source: event(id).source, detail: event(id) })

  test('readiness keeps a row in DynamoDB, and is not there where a function does not answer', async () => {
    const { status, json } = await send('GET', '/ready')
    assert.deepEqual([status, json.status], [503, 'not_ready'], JSON.stringify(json))
    const healthy = { status: 'healthy' }
    assert.deepEqual([json.checks.database, json.checks.store], [healthy, healthy])
    const { Items = [] } = await new DynamoDBClient({}).send(new ScanCommand({ TableName: 'Marty-cache' }))
    assert.equal(Items.filter(({ id }) => id?.S?.startsWith('readiness ')).length, 1)
    const silent = { status: 'unhealthy', reason: 'the function: service_unavailable' }
    assert.deepEqual(json.services, {
      'marty.audit': silent,
      'marty.document_signer': silent,
      'marty.trust_anchor': silent,
      'marty.pkd': silent,
    })
  })

  test('what lies in the queue is filed, listed, replayed to its function, or given up', async () => {
    const Records = ['e-1', 'e-2'].map(id => ({
      messageId: `m-${id}`,
      body: JSON.stringify(delivered(id)),
      messageAttributes: { ERROR_CODE: { stringValue: 'SDK_CLIENT_ERROR' } },
      eventSourceARN: 'arn:aws:sqs:eu-central-1:1:the-dead-letters',
    }))
    assert.deepEqual(await file({ Records }), { batchItemFailures: [] })

    const { status, json } = await send('GET', '/platform/dead-letters')
    assert.equal(status, 200, JSON.stringify(json))
    const subscriber = 'certificate_validation:marty.certificate_revoked.v1'
    const { deadSince, ...first } = json.deadLetters.find((letter: { eventId: string }) => letter.eventId === 'e-1')
    assert.equal(json.deadLetters.length, 2)
    assert.deepEqual(first, {
      eventId: 'e-1',
      subscriber,
      type: 'marty.certificate_revoked.v1',
      time: '2026-01-01T00:00:00.000Z',
      attempts: 1,
      lastError: 'SDK_CLIENT_ERROR',
    })

    assert.equal((await send('POST', '/platform/dead-letters/replay', { eventId: 'e-1', subscriber })).status, 200)
    assert.deepEqual(invoked, [
      {
        url: '/2015-03-31/functions/marty-testing-marty-certificate_validation/invocations',
        event: delivered('e-1'),
      },
    ])
    assert.equal((await send('POST', '/platform/dead-letters/discard', { eventId: 'e-2', subscriber })).status, 200)
    assert.deepEqual((await send('GET', '/platform/dead-letters')).json, { deadLetters: [] })
    const again = await send('POST', '/platform/dead-letters/replay', { eventId: 'e-1', subscriber })
    assert.deepEqual([again.status, again.json.code], [404, 'not_found'])
  })
})
