import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { pluginConfig } from '../../config/plugin-config.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import { recordingObservability } from '../../testing/recording-observability.ts'
import { testCall } from '../../testing/test-call.ts'
import { definePermission, defineRole } from '../access.ts'
import { publicAccess, requiresAuth } from '../concerns/requires-auth.ts'
import { traceOperation } from '../concerns/trace-operation.ts'
import { trackMetrics } from '../concerns/track-metrics.ts'
import { definePlugin } from '../define-plugin.ts'
import type { PluginContext } from '../plugin-context.ts'
import { defineService } from '../service.ts'
import { type Concern, concern } from './concern.ts'
import { serviceScope } from './operation.ts'
import { base64 } from './wire-codecs.ts'

const observability = recordingObservability()
const context = {
  plugin: { name: 'toy', version: '1.0.0', metricPrefix: 'toy' },
  config: { greeting: 'hello' },
  observability,
} as unknown as PluginContext
const operation = serviceScope<{ greeting: string }>()('toys', {})
const withCode = (code: string) => (error: unknown) => isMmfError(error) && error.code === code

const role = (name: string) => defineRole({ name, description: '' })
const permission = (name: string) => definePermission({ name, description: '' })

const Input = z.strictObject({ data: base64({ maxBytes: 4 }), name: z.string() })
const echo = operation({
  name: 'echo',
  input: Input,
  output: z.strictObject({ data: base64(), text: z.string() }),
  concerns: [
    requiresAuth({ roles: [role('child'), role('parent')], permissions: [permission('play'), permission('shout')] }),
    trackMetrics({
      metricName: 'echo',
      labels: ({ input, output }) => ({ name: input.name, done: String(output !== undefined) }),
    }),
    traceOperation({ operationName: 'echo', tags: { kind: 'toy' }, logInputs: true, logOutputs: true }),
  ],
  run: async ({ data, name }, { config }) => {
    if (name === 'broken') throw new TypeError('broken toy')
    return { data, text: `${config.greeting} ${name}` }
  },
})
const allowed = testCall({ principal: { roles: ['child'], permissions: ['play', 'shout'] } })

test('invoke decodes the wire form, runs, and encodes the answer', async () => {
  const answer = await echo.invoke({ data: 'AQI=', name: 'anna' }, { context, call: allowed })

  assert.deepEqual(answer, { data: 'AQI=', text: 'hello anna' })
})

test('call takes and gives domain values', async () => {
  const answer = await echo.call({ data: new Uint8Array([1, 2]), name: 'anna' }, { context, call: allowed })

  assert.deepEqual([...answer.data], [1, 2])
})

for (const [what, principal, code] of [
  ['nobody', undefined, 'authentication_required'],
  ['no role', { permissions: ['play', 'shout'] }, 'role_missing'],
  ['another role', { roles: ['uncle'], permissions: ['play', 'shout'] }, 'role_missing'],
  ['one of two permissions', { roles: ['parent'], permissions: ['play'] }, 'permission_missing'],
] as const) {
  test(`refuses ${what}: ${code}`, async () => {
    const call = testCall({ principal: principal as never })

    await assert.rejects(echo.call({ data: new Uint8Array(), name: 'x' }, { context, call }), withCode(code))
  })
}

test('requireAllRoles and a single permission change the rule', async () => {
  const strict = operation({
    name: 'strict',
    input: z.strictObject({}),
    output: z.string(),
    concerns: [
      requiresAuth({
        roles: [role('a'), role('b')],
        permissions: [permission('x'), permission('y')],
        requireAllRoles: true,
        requireAllPermissions: false,
      }),
    ],
    run: async () => 'in',
  })
  const as = (roles: string[], permissions: string[]) => ({
    context,
    call: testCall({ principal: { roles, permissions } }),
  })

  assert.equal(await strict.call({}, as(['a', 'b'], ['y'])), 'in')
  await assert.rejects(strict.call({}, as(['a'], ['y'])), withCode('role_missing'))
  await assert.rejects(strict.call({}, as(['a', 'b'], [])), withCode('permission_missing'))
})

for (const [what, wire, path] of [
  ['an unknown field', { data: '', name: 'x', extra: 1 }, 'extra'],
  ['a missing field', { data: '' }, 'name'],
  ['unpadded base64', { data: 'AQI', name: 'x' }, 'data'],
  ['base64 with unused bits set', { data: 'AQJ=', name: 'x' }, 'data'],
  ['base64url', { data: '-_8=', name: 'x' }, 'data'],
  ['base64 with a line break', { data: 'AQ\nI=', name: 'x' }, 'data'],
  ['too many bytes', { data: 'AQIDBAU=', name: 'x' }, 'data'],
  ['no object', 'text', ''],
] as const) {
  test(`refuses ${what} and names the field`, async () => {
    await assert.rejects(
      echo.invoke(wire, { context, call: allowed }),
      error => isMmfError(error, 'validation_failed') && error.errors[0]?.path === path,
    )
  })
}

test('an answer outside its schema is a bug, not an answer', async () => {
  const wrong = operation({
    name: 'wrong',
    input: z.strictObject({}),
    output: z.strictObject({ count: z.int() }),
    concerns: [publicAccess()],
    run: async () => ({ count: 0.5 }),
  })

  await assert.rejects(wrong.invoke({}, { context, call: allowed }), withCode('internal_error'))
})

test('metrics count by outcome, labels come from input and output, durations have no status', async () => {
  observability.counts.clear()

  await echo.call({ data: new Uint8Array(), name: 'a' }, { context, call: allowed })
  await assert.rejects(echo.call({ data: new Uint8Array(), name: 'broken' }, { context, call: allowed }), TypeError)

  assert.deepEqual(Object.fromEntries(observability.counts), {
    'toy_echo_total{done="true",name="a",status="success"}': 1,
    'toy_echo_duration_seconds{done="true",name="a"}': 1,
    'toy_echo_total{done="false",name="broken",status="error"}': 1,
    'toy_echo_duration_seconds{done="false",name="broken"}': 1,
  })
})

test('a span has tags, keeps the error, and shows bytes by length only', async () => {
  observability.spans.length = 0

  await echo.call({ data: new Uint8Array([7, 7, 7]), name: 'a' }, { context, call: allowed })
  await assert.rejects(echo.call({ data: new Uint8Array(), name: 'broken' }, { context, call: allowed }))

  const [good, bad] = observability.spans
  assert.equal(good?.tags['kind'], 'toy')
  assert.equal(good?.tags['input'], '{"data":"[3 bytes]","name":"a"}')
  assert.match(String(bad?.error), /broken toy/)
})

test('concerns run from the outermost to the innermost', async () => {
  const order: string[] = []
  const mark = <I, O>(name: string): Concern<I, O> =>
    concern({}, async (next, input, invocation) => {
      order.push(`before ${name}`)
      const output = await next(input, invocation)
      order.push(`after ${name}`)
      return output
    })
  const marked = operation({
    name: 'marked',
    input: z.strictObject({}),
    output: z.string(),
    concerns: [publicAccess(), mark('outer'), mark('inner')],
    run: async () => {
      order.push('run')
      return 'done'
    },
  })

  await marked.call({}, { context, call: allowed })

  assert.deepEqual(order, ['before outer', 'before inner', 'run', 'after inner', 'after outer'])
})

test('an operation that says nothing about access does not become part of a plugin', () => {
  const silent = operation({
    name: 'silent',
    input: z.strictObject({}),
    output: z.string(),
    concerns: [],
    run: async () => '',
  })
  const service = defineService({ name: 'toys', description: '', operations: { silent } })
  const define = () =>
    definePlugin({
      name: 'toy',
      title: 'Toy',
      version: '1.0.0',
      description: '',
      metricPrefix: 'toy',
      config: pluginConfig({}),
      services: [service],
    })

  assert.throws(define, withCode('operation_unprotected'))
})
