import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import type { ServiceCall } from '../contract/service-call.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { createLambdaTransport } from './lambda-transport.ts'

// The real client against a Lambda on loopback: Invoke answers what the test wants.
let answer: { status: number; functionError?: string; payload: string }
const requests: { path: string; body: string }[] = []
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    requests.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString() })
    response.statusCode = answer.status
    if (answer.functionError !== undefined) response.setHeader('x-amz-function-error', answer.functionError)
    response.end(answer.payload)
  })
})
let client: LambdaClient
before(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  client = new LambdaClient({ region: 'eu-central-1', endpoint, credentials, maxAttempts: 1 })
})
after(() => {
  client.destroy()
  server.close()
})

const call: ServiceCall = {
  mmf: 'call',
  plugin: 'marty',
  service: 'pkd',
  operation: 'lookup_public_key',
  input: { subject: 'x' },
  correlationId: 'c',
  deadline: 0,
}
const transport = (functions: Record<string, string>) =>
  createLambdaTransport({ lambda: { client, commands: { InvokeCommand } }, functions })
const options = { signal: AbortSignal.timeout(5000) }
const unavailable = (error: unknown) => isMmfError(error, 'service_unavailable')

test('invokes the function that the stack names for plugin and service, and gives back its reply', async () => {
  answer = { status: 200, payload: '{"output":{"found":true}}' }

  const reply = await transport({ 'marty.pkd': 'marty-production-marty-pkd' })(call, options)

  assert.deepEqual(reply, { output: { found: true } })
  assert.match(requests.at(-1)?.path ?? '', /\/functions\/marty-production-marty-pkd\/invocations$/)
  assert.deepEqual(JSON.parse(requests.at(-1)?.body ?? ''), call)
})

test('a service that the deployment does not name is never asked', async () => {
  const before = requests.length

  await assert.rejects(transport({ pkd: 'wrong key' })(call, options), unavailable)

  assert.equal(requests.length, before)
})

test('a function that failed or cannot be reached is unavailable', async () => {
  answer = { status: 200, functionError: 'Unhandled', payload: '{"errorMessage":"boom"}' }
  await assert.rejects(transport({ 'marty.pkd': 'f' })(call, options), unavailable)
  answer = { status: 500, payload: '{}' }
  await assert.rejects(transport({ 'marty.pkd': 'f' })(call, options), unavailable)
})
