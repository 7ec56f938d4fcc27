import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  definePlugin,
  defineService,
  type PluginDefinition,
  pluginConfig,
  publicAccess,
  serviceScope,
  table,
  writes,
} from '@mmf/framework'
import * as z from 'zod'
import { fixedAtStart } from '../../plugins/fixed-at-start.ts'
import { needsRestart } from './needs-restart.ts'

interface Parts {
  readonly config?: z.ZodObject
  readonly row?: z.ZodObject
  readonly answer?: string
}

/** Each time anew, as another process would read it. */
function read({
  config = z.strictObject({ word: z.string() }),
  row = z.strictObject({ id: z.string() }),
  answer = '',
}: Parts = {}) {
  const rows = table({ name: 'rows', partition: 'id', row: row as z.ZodObject<{ id: z.ZodString }> })
  const operation = serviceScope()('hello', { tables: [writes(rows)] })
  const greet = operation({
    name: 'greet',
    description: 'Greets',
    input: z.strictObject({}),
    output: z.strictObject({ answer: z.string() }),
    http: { method: 'GET', path: '/v1/hello' },
    concerns: [publicAccess()],
    run: async () => ({ answer }),
  })
  const service = defineService({ name: 'hello', description: 'Greets', operations: { greet } })
  const about = { name: 'hello', title: 'Hello', version: '1.0.0', description: 'Greets', metricPrefix: 'hello' }
  const definition = definePlugin({
    ...about,
    config: pluginConfig(config.shape) as unknown as PluginDefinition['config'],
    services: [service],
  })
  return { hello: fixedAtStart({ definition, manifest: {} } as never) }
}

describe('what a running host does not follow', () => {
  const running = read()

  it('is nothing where only what services do was changed', () => {
    assert.deepEqual(needsRestart(running, read({ answer: 'another' })), [])
  })

  for (const [what, config] of [
    ['a new setting', z.strictObject({ word: z.string(), more: z.string().default('') })],
    ['a default', z.strictObject({ word: z.string().default('hello') })],
    ['a limit', z.strictObject({ word: z.string().max(3) })],
    ['a check of its own', z.strictObject({ word: z.string().refine(word => word !== 'no') })],
    ['an optional one', z.strictObject({ word: z.optional(z.string()) })],
  ] as const) {
    it(`is ${what} among the settings`, () => {
      assert.deepEqual(needsRestart(running, read({ config })), ['settings of hello changed'])
      assert.deepEqual(needsRestart(read({ config }), read({ config })), [])
    })
  }

  it('is a column, a plugin more and a plugin less', () => {
    const row = z.strictObject({ id: z.string(), text: z.string() })
    assert.deepEqual(needsRestart(running, read({ row })), ['tables of hello changed'])
    assert.deepEqual(needsRestart({}, running), ['plugin hello was added'])
    assert.deepEqual(needsRestart(running, {}), ['plugin hello was removed or switched off'])
  })
})
