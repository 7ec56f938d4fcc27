import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { pluginConfig } from '../config/plugin-config.ts'
import { defineRole } from '../contract/access.ts'
import { requiresAuth } from '../contract/concerns/requires-auth.ts'
import { traceOperation } from '../contract/concerns/trace-operation.ts'
import { definePlugin } from '../contract/define-plugin.ts'
import { serviceScope } from '../contract/operation/operation.ts'
import { base64 } from '../contract/operation/wire-codecs.ts'
import { calls, writes } from '../contract/scope.ts'
import { defineService } from '../contract/service.ts'
import type { ServiceCall } from '../contract/service-call.ts'
import { table } from '../database/table.ts'
import { insert } from '../database/write.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { createFunctionHandler } from '../http/create-function-handler.ts'
import type { HttpPlatform } from '../http/platform.ts'
import { createTestPlatform } from '../testing/create-test-platform.ts'
import { testCall } from '../testing/test-call.ts'
import { pluginOf } from './mmf-plugin.ts'

const notes = table({ name: 'notes', row: z.strictObject({ id: z.string(), text: z.string() }), partition: 'id' })

const writerRole = defineRole({ name: 'writer', description: 'Keeps notes' })

const keep = serviceScope<unknown>()('keeper', { tables: [writes(notes)] })({
  name: 'keep',
  input: z.strictObject({ bytes: base64() }),
  output: z.strictObject({ length: z.int(), bytes: base64() }),
  concerns: [requiresAuth({ roles: [writerRole] }), traceOperation({ operationName: 'keep' })],
  async run({ bytes }, { context }) {
    await context.database.write(insert(notes, { id: context.ids.next(), text: String(bytes.length) }))
    return { length: bytes.length, bytes }
  },
})

const asking = { input: z.strictObject({}), output: z.int() }

/** The same caller, with and without the callee's grants in its own role. */
const near = serviceScope<unknown>()('near', { tables: [writes(notes)], calls: [calls(keep)] })({
  name: 'ask',
  ...asking,
  concerns: [requiresAuth(), traceOperation({ operationName: 'ask' })],
  run: async (_input, { context, call }) =>
    (await context.services.call(keep, { bytes: new Uint8Array(3) }, call)).length,
})
const far = serviceScope<unknown>()('far', { calls: [calls(keep)] })({
  name: 'ask',
  ...asking,
  concerns: [requiresAuth(), traceOperation({ operationName: 'ask' })],
  run: async (_input, { context, call }) =>
    (await context.services.call(keep, { bytes: new Uint8Array(4) }, call)).length,
})
const stranger = serviceScope<unknown>()('stranger', { tables: [writes(notes)] })({
  name: 'ask',
  ...asking,
  concerns: [requiresAuth(), traceOperation({ operationName: 'ask' })],
  run: async (_input, { context, call }) => {
    const services = context.services as unknown as { call(o: unknown, i: unknown, c: unknown): Promise<unknown> }
    await services.call(keep, { bytes: new Uint8Array() }, call)
    return 0
  },
})

const plugin = definePlugin({
  name: 'toy',
  title: 'Toy',
  version: '1.0.0',
  description: 'Calls between services',
  metricPrefix: 'toy',
  config: pluginConfig({}),
  roles: [writerRole],
  services: [
    defineService({ name: 'keeper', description: '', operations: { keep } }),
    defineService({ name: 'near', description: '', operations: { near } }),
    defineService({ name: 'far', description: '', operations: { far } }),
    defineService({ name: 'stranger', description: '', operations: { stranger } }),
  ],
})

async function running() {
  const platform = await createTestPlatform({ plugins: [plugin] })
  const sent: ServiceCall[] = []
  const keeper = createFunctionHandler(
    { plugin, services: ['keeper'] },
    async () => ({ ...platform, pluginSettings: {}, maxBodyBytes: 1 }) as unknown as HttpPlatform,
  )
  const instance = pluginOf(plugin)
  await instance.initialize({
    ...platform,
    async invoke(call) {
      sent.push(call)
      const wire: ServiceCall = JSON.parse(JSON.stringify(call))
      return keeper(wire, { awsRequestId: 'r', getRemainingTimeInMillis: () => 5000 } as never)
    },
  })
  await instance.start()
  return { platform, sent, instance }
}

const writer = () => testCall({ principal: { roles: ['writer'] } })
const withCode = (code: string) => (error: unknown) => isMmfError(error) && error.code === code

test('in process where the role covers the callee, else through the callee’s own function; the same effect', async () => {
  const { platform, sent, instance } = await running()

  assert.equal(await instance.getService('near').near({}, writer()), 3)
  assert.equal(sent.length, 0)
  assert.equal(await instance.getService('far').far({}, writer()), 4)
  assert.equal(sent.length, 1)

  assert.deepEqual(sent[0]?.input, { bytes: 'AAAAAA==' })
  assert.equal(sent[0]?.correlationId, 'correlation-1')
  const keeps = platform.observability.spans.filter(span => span.name === 'keep')
  assert.deepEqual(
    keeps.map(span => span.parent),
    ['ask', undefined],
  )
  await platform.close()
})

test('the callee’s own concerns hold both ways, for the caller’s principal', async () => {
  const { platform, sent, instance } = await running()

  await assert.rejects(instance.getService('near').near({}, testCall()), withCode('role_missing'))
  await assert.rejects(instance.getService('far').far({}, testCall()), withCode('role_missing'))
  assert.equal(sent.length, 1)
  await platform.close()
})

test('refuses an operation that the scope does not name, and a call without a way to its function', async () => {
  const { platform, instance } = await running()
  await assert.rejects(instance.getService('stranger').stranger({}, writer()), withCode('access_undeclared'))

  const alone = pluginOf(plugin)
  await alone.initialize(platform)
  await alone.start()
  await assert.rejects(alone.getService('far').far({}, writer()), withCode('service_unavailable'))
  await platform.close()
})
