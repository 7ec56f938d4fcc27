import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type ClientOptions,
  clientOptions,
  invokeOptions,
  objectOptions,
} from '../../handlers/clients/client-options.ts'
import { dynamodb } from '../../handlers/clients/dynamodb.ts'
import { eventbridge } from '../../handlers/clients/eventbridge.ts'
import { kms } from '../../handlers/clients/kms.ts'
import { lambda } from '../../handlers/clients/lambda.ts'
import { s3 } from '../../handlers/clients/s3.ts'
import { secretsManager } from '../../handlers/on-demand/secrets-manager.ts'
import { type LoopbackServer, startLoopbackServer } from '../../layer/framework/src/testing/loopback-server.ts'

// A server that takes requests and either says nothing, or begins an answer and stops.
let server: LoopbackServer
let asked = 0
let begins = false
before(async () => {
  server = await startLoopbackServer((request, response) => {
    request.resume()
    asked += 1
    if (begins) response.writeHead(200, { 'content-length': '100' }).write('{')
  })
})
after(() => server.close())

/** What is shipped, with shorter times and the address of the server. */
const shortened = ({ maxAttempts, requestHandler }: ClientOptions) => ({
  maxAttempts,
  requestHandler: { ...requestHandler, requestTimeout: 40, socketTimeout: 40 },
  endpoint: server.origin,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
})

type Ask = () => Promise<unknown>

const calls: Readonly<Record<string, { readonly options: ClientOptions; readonly ask: (given: never) => Ask }>> = {
  DynamoDB: {
    options: clientOptions,
    ask: (given: never) => () => {
      const { client, commands } = dynamodb(given)
      return client.send(new commands.GetItemCommand({ TableName: 't', Key: { id: { S: '1' } } }))
    },
  },
  KMS: {
    options: clientOptions,
    ask: (given: never) => () => {
      const { client, commands } = kms(given)
      return client.send(new commands.DescribeKeyCommand({ KeyId: 'k' }))
    },
  },
  EventBridge: {
    options: clientOptions,
    ask: (given: never) => () => {
      const { client, commands } = eventbridge(given)
      return client.send(new commands.PutEventsCommand({ Entries: [{ Source: 's', DetailType: 'd', Detail: '{}' }] }))
    },
  },
  'Secrets Manager': {
    options: clientOptions,
    ask: (given: never) => () => {
      const { client, commands } = secretsManager(given)
      return client.send(new commands.GetSecretValueCommand({ SecretId: 's' }))
    },
  },
  S3: {
    options: objectOptions,
    ask: (given: never) => () => {
      const { client, commands } = s3(given)
      return client.send(new commands.ListObjectsV2Command({ Bucket: 'b' }))
    },
  },
  Lambda: {
    options: invokeOptions,
    ask: (given: never) => () => {
      const { client, commands } = lambda(given)
      return client.send(new commands.InvokeCommand({ FunctionName: 'f' }))
    },
  },
}

for (const [name, { options, ask }] of Object.entries(calls)) {
  for (const [how, partly] of [
    ['says nothing', false],
    ['stops in the middle of an answer', true],
  ] as const) {
    test(`${name}: a server that ${how} is cut off, and asked as often as is shipped`, async () => {
      begins = partly
      asked = 0
      await assert.rejects(ask(shortened(options) as never))
      assert.equal(asked, options.maxAttempts)
    })
  }
}

test('all attempts together fit into the time of a request, with time left for an answer', () => {
  for (const { maxAttempts, requestHandler } of [clientOptions, objectOptions, invokeOptions]) {
    assert.ok(maxAttempts * requestHandler.requestTimeout <= 25_000)
  }
})
