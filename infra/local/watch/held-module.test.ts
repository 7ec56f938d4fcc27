import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FunctionHandler, HandlerDefinition } from '@mmf/framework/http'
import { heldModule } from './held-module.ts'

test('a function that was replaced ends what it has begun, and is stopped once after it', async () => {
  const told: string[] = []
  const first = Promise.withResolvers<void>()
  const handler = Object.assign(
    async (event: unknown) => {
      await first.promise
      told.push(`served ${event}`)
    },
    {
      boot: async () => {},
      stop: async () => void told.push('stopped'),
    },
  ) as unknown as FunctionHandler
  const definition = { platformOf: [] } satisfies HandlerDefinition
  let made = 0
  const module = heldModule({
    definition,
    create() {
      made += 1
      return handler
    },
  })
  const platform = async () => assert.fail('nothing is booted here')
  const held = module.create(platform)
  assert.equal(module.create(platform), held)
  const call = held as unknown as (event: string) => Promise<void>
  const one = call('one')
  const retired = [module.retire(), module.retire()]
  // On its way when it was replaced.
  const late = call('late')
  await new Promise(setImmediate)
  assert.deepEqual(told, [])
  first.resolve()
  await Promise.all([one, late, ...retired])
  assert.deepEqual([told, made], [['served one', 'served late', 'stopped'], 1])
})

test('who retires a function learns of a stop that fails', async () => {
  const handler = Object.assign(async () => {}, {
    boot: async () => {},
    stop: async () => Promise.reject(new Error('no')),
  }) as unknown as FunctionHandler
  const module = heldModule({ definition: { platformOf: [] }, create: () => handler })
  module.create(async () => assert.fail('nothing is booted here'))
  await assert.rejects(module.retire(), /^Error: no$/)
})
