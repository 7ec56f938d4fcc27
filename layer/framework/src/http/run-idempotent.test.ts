import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as z from 'zod'
import { lambdaContext } from '../../../../infra/local/lambda-context.ts'
import { createIdempotency } from '../idempotency/idempotency.ts'
import {
  definePlugin,
  defineService,
  idempotent,
  MmfError,
  pluginConfig,
  publicAccess,
  serviceScope,
} from '../index.ts'
import { createTestPlatform } from '../testing/index.ts'
import { createFunctionHandler } from './create-function-handler.ts'
import type { HttpEvent } from './lambda-types.ts'

type Behaviour = 'stores' | 'forgets' | 'fails' | 'stores in vain'

/** A counter that can be asked to store its answer, to forget that, or to fail. */
async function counter(t: TestContext, options: { afterwards?: boolean } = {}) {
  let count = 0
  const increase = serviceScope<unknown>()('counter', { tables: [] })({
    name: 'increase',
    input: z.strictObject({ behaviour: z.enum(['stores', 'forgets', 'fails', 'stores in vain']) }),
    output: z.strictObject({ count: z.int() }),
    http: { method: 'POST', path: '/v1/count' },
    concerns: [publicAccess(), idempotent(options)],
    async run({ behaviour }, { call }) {
      count += 1
      if (behaviour === 'fails') throw new MmfError('service_unavailable')
      // As an operation does whose transaction failed, and which found that there was nothing to do.
      if (behaviour === 'stores in vain') call.idempotency?.complete({ count: -1 })
      if (behaviour === 'stores')
        await platform.database.transaction([...(call.idempotency?.complete({ count }) ?? [])])
      return { count }
    },
  })
  const plugin = definePlugin({
    name: 'counting',
    title: 'Counting',
    version: '1.0.0',
    description: 'Counts',
    metricPrefix: 'counting',
    config: pluginConfig({}),
    services: [defineService({ name: 'counter', description: 'Counts', operations: { increase } })],
  })
  const platform = await createTestPlatform({ plugins: [plugin] })
  t.after(() => platform.close())
  const settings = { enabled: true, start_timeout_seconds: 30, stop_timeout_seconds: 10, health_timeout_seconds: 5 }
  const http = { ...platform, idempotency: createIdempotency(platform), pluginSettings: settings, maxBodyBytes: 1000 }
  const handler = createFunctionHandler({ plugin, services: ['counter'] }, async () => http as never)
  const ask = async (key: string, behaviour: Behaviour) => {
    const { statusCode, headers, body = '' } = await handler(post(key, { behaviour }), lambdaContext('r', 3000))
    return { status: statusCode, replayed: headers?.['idempotency-replayed'], json: JSON.parse(body) }
  }
  const warnings = () => platform.observability.lines.filter(({ level }) => level === 'warn')
  return { ask, warnings, database: platform.database }
}

function post(key: string, body: object): HttpEvent {
  return {
    version: '2.0',
    routeKey: 'POST /v1/count',
    rawPath: '/v1/count',
    rawQueryString: '',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    requestContext: { requestId: 'r', http: { method: 'POST', path: '/v1/count', sourceIp: '192.0.2.1' } },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  } as unknown as HttpEvent
}

test('an operation that stores its answer runs once', async t => {
  const { ask, warnings } = await counter(t)
  assert.deepEqual(await ask('k', 'stores'), { status: 200, replayed: undefined, json: { count: 1 } })
  assert.deepEqual(await ask('k', 'stores'), { status: 200, replayed: 'true', json: { count: 1 } })
  assert.deepEqual(warnings(), [])
})

test('one that succeeds without storing is named in the log, and its key does not lock the next request out', async t => {
  const { ask, warnings } = await counter(t)
  assert.deepEqual(await ask('k', 'forgets'), { status: 200, replayed: undefined, json: { count: 1 } })
  assert.deepEqual(
    warnings().map(({ message, fields }) => [message, fields['operation']]),
    [['an idempotent operation stored no answer, so its key is free again', 'counting.counter.increase']],
  )
  assert.deepEqual(await ask('k', 'forgets'), { status: 200, replayed: undefined, json: { count: 2 } })
})

test('one that fails gives its key back and is no mistake', async t => {
  const { ask, warnings } = await counter(t)
  assert.equal((await ask('k', 'fails')).status, 503)
  assert.equal((await ask('k', 'fails')).status, 503)
  assert.deepEqual(warnings(), [])
  assert.equal((await ask('k', 'stores')).status, 200)
})

test('where the answer is stored afterwards, each success is replayed, also one that another process stored', async t => {
  const { ask, warnings } = await counter(t, { afterwards: true })
  for (const [index, behaviour] of (['forgets', 'stores', 'stores in vain'] as const).entries()) {
    const json = { count: index + 1 }
    assert.deepEqual(await ask(`k${index}`, behaviour), { status: 200, replayed: undefined, json })
    assert.deepEqual(await ask(`k${index}`, behaviour), { status: 200, replayed: 'true', json })
  }
  assert.deepEqual(warnings(), [])
})

test('an answer that cannot be stored afterwards stands, and the key is free', async t => {
  const { ask, warnings, database } = await counter(t, { afterwards: true })
  const failing = t.mock.method(database, 'transaction', () => Promise.reject(new MmfError('database_unavailable')))
  assert.deepEqual(await ask('k', 'forgets'), { status: 200, replayed: undefined, json: { count: 1 } })
  assert.deepEqual(
    warnings().map(({ message }) => message),
    ['the answer of an idempotent operation was not stored, so its key is free again'],
  )
  failing.mock.restore()
  assert.deepEqual(await ask('k', 'forgets'), { status: 200, replayed: undefined, json: { count: 2 } })
})
