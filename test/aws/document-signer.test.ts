import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { marty } from '@marty/plugin'
import type { KeySpec } from '@mmf/framework'
import { auditWaiting } from '@mmf/framework'
import { cacheTable, idempotencyTable, keyCatalogue, outboxTable } from '@mmf/framework/embedded'
import type { FunctionHandler } from '@mmf/framework/http'
import { resourcesOf } from '@mmf/framework/internal'
import {
  createTableInput,
  dynamoDbLocalMissing,
  type FakeKms,
  startDynamoDbLocal,
  startFakeKms,
} from '@mmf/framework/testing'
import { lambdaContext } from '../../infra/local/lambda-context.ts'
import { builtHandler, httpEvent, startIssuer } from './function-fixture.ts'

// The deployed function itself: its handler, its configuration from variables, the real SDK clients. DynamoDB Local and a KMS double
// that checks requests answer on the wire; a loopback server is the token issuer.

const skip = dynamoDbLocalMissing()
if (skip !== false) console.log(`the functions on AWS adapters: ${skip}`)

describe('document_signer on DynamoDB and KMS', { skip }, () => {
  const closers: (() => unknown)[] = []
  let handler: FunctionHandler
  let kms: FakeKms
  let dynamodb: DynamoDBClient
  let token: string

  before(async () => {
    const local = await startDynamoDbLocal()
    closers.push(() => local.stop())
    kms = await startFakeKms()
    closers.push(() => kms.close())
    const issuer = await startIssuer({ roles: ['document_signer'], permissions: ['sign_documents'] })
    closers.push(issuer.close)
    token = issuer.token

    const addKey = (keySpec: KeySpec, pair: KeyPairKeyObjectResult) =>
      kms.addKey(keySpec, pair.privateKey, pair.publicKey)
    const env: Record<string, string> = {
      AWS_REGION: kms.region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_DYNAMODB: local.endpoint,
      AWS_ENDPOINT_URL_KMS: kms.endpoint,
      MMF_ENVIRONMENT: 'testing',
      MMF_CONFIG_DIR: 'config',
      MMF__authentication__issuer: issuer.issuer,
      MMF__authentication__audience: 'marty',
      MMF__authentication__jwks_uri: issuer.jwksUri,
      MMF__plugins__marty__require_mutual_tls: 'false',
      MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256","ML-DSA-65"]',
      MMF_KEYS: JSON.stringify({
        'document_signer-ecc-nist-p256': addKey('ECC_NIST_P256', generateKeyPairSync('ec', { namedCurve: 'P-256' })),
        'document_signer-ml-dsa-65': addKey('ML_DSA_65', generateKeyPairSync('ml-dsa-65')),
      }),
    }
    const tables = [auditWaiting, outboxTable, idempotencyTable, keyCatalogue, cacheTable, ...resourcesOf(marty).tables]
    env['MMF_TABLES'] = JSON.stringify(Object.fromEntries(tables.map(({ name }) => [name, `Marty-${name}`])))
    Object.assign(process.env, env)
    dynamodb = new DynamoDBClient({})
    for (const table of tables)
      await dynamodb.send(new CreateTableCommand(createTableInput(table, `Marty-${table.name}`)))
    handler = await builtHandler('document-signer')
  })
  after(async () => {
    for (const close of closers.reverse()) await close()
  })

  const send = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    handler(httpEvent(method, path, body, { authorization: `Bearer ${token}`, ...headers }), lambdaContext('r', 20_000))
  const count = async (table: string) => (await dynamodb.send(new ScanCommand({ TableName: `Marty-${table}` }))).Count

  test('signs with one call of KMS, stores record and event together, verifies with none', async () => {
    const document = Buffer.from('A document').toString('base64')
    const signed = await send('POST', '/v1/documents/sign', { document, signingAlgorithm: 'ECDSA-SHA256' })

    assert.equal(signed.statusCode, 201, signed.body)
    const answer = JSON.parse(signed.body ?? '')
    assert.equal(kms.calls['Sign'], 1)
    assert.equal(await count('signature_records'), 1)
    assert.equal(await count('outbox'), 1)
    const calls = { ...kms.calls }
    const verified = await send('POST', '/v1/documents/verify', { document, signature: answer })
    assert.equal(verified.body, '{"valid":true}')
    const digest = createHash('sha256').update('A document').digest('base64')
    const byDigest = await send('POST', '/v1/documents/verify', { digest, signatureId: answer.signatureId })
    assert.equal(byDigest.body, '{"valid":true}')
    assert.deepEqual(kms.calls, calls)
  })

  test('readiness signs a canary with each KMS key, once for all who ask in a minute', async () => {
    const before = kms.calls['Sign'] ?? 0
    const records = await count('signature_records')
    const ask = () => handler({ mmf: 'ready' }, lambdaContext('r', 20_000))
    const answers = await Promise.all([ask(), ask(), ask()])
    for (const answer of [...answers, await ask()])
      assert.deepEqual(answer, { marty: { document_signer: { status: 'healthy' } } })
    assert.equal(kms.calls['Sign'], before + 2)
    assert.equal(await count('signature_records'), records, 'a canary is no document')
  })

  test('a large document is signed with ML-DSA by its external µ', async () => {
    const document = Buffer.alloc(100_000, 7).toString('base64')

    const signed = await send('POST', '/v1/documents/sign', { document, signingAlgorithm: 'ML-DSA-65' })

    assert.equal(signed.statusCode, 201, signed.body)
    const verified = await send('POST', '/v1/documents/verify', { document, signature: JSON.parse(signed.body ?? '') })
    assert.equal(verified.body, '{"valid":true}')
  })

  test('an Idempotency-Key gives the same answer and one effect', async () => {
    const body = { document: 'QQ==', signingAlgorithm: 'ECDSA-SHA256' }
    const records = (await count('signature_records')) ?? 0

    const first = await send('POST', '/v1/documents/sign', body, { 'idempotency-key': 'k-1' })
    const second = await send('POST', '/v1/documents/sign', body, { 'idempotency-key': 'k-1' })

    assert.equal(first.statusCode, 201, first.body)
    assert.equal(second.body, first.body)
    assert.equal(await count('signature_records'), records + 1)
  })

  test('refuses a request without a token before anything is read', async () => {
    const answer = await handler(httpEvent('POST', '/v1/documents/sign', {}, {}), lambdaContext('r', 20_000))

    assert.equal(answer.statusCode, 401)
    assert.equal(JSON.parse(answer.body ?? '').code, 'authentication_required')
  })

  // The last one: it leaves the circuit of the keys open.
  test('a KMS that fails is left alone after ten calls: 503 at once, and nothing is recorded', async () => {
    const body = { document: 'QQ==', signingAlgorithm: 'ECDSA-SHA256' }
    const records = await count('signature_records')
    const code = async () => JSON.parse((await send('POST', '/v1/documents/sign', body)).body ?? '').code
    kms.fail('internal')
    const codes = await Promise.all(Array.from({ length: 10 }, code))
    const asked = kms.calls['Sign'] ?? 0
    codes.push(await code(), await code())
    kms.fail(undefined)

    assert.deepEqual(new Set(codes), new Set(['key_service_unavailable']))
    assert.equal(kms.calls['Sign'], asked)
    assert.equal(await count('signature_records'), records)
  })
})
