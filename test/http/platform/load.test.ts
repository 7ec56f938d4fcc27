import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { definePlugin, defineService, pluginConfig, publicAccess, serviceScope } from '@mmf/framework'
import * as z from 'zod'
import { startToy } from '../support/start-toy.ts'

// More requests than turns, on the running product: what waits, what is refused, what is answered all the same.

const begun: { name: string; end: () => void }[] = []
let onBegin = () => {}

const operation = (name: string, load?: 'sign' | 'import') =>
  serviceScope<unknown>()('worker', {})({
    name,
    input: z.strictObject({}),
    output: z.strictObject({ name: z.string() }),
    http: { method: 'POST', path: `/v1/${name}`, ...(load === undefined ? {} : { load }) },
    concerns: [publicAccess()],
    async run() {
      await new Promise<void>(end => {
        begun.push({ name, end })
        onBegin()
      })
      return { name }
    },
  })

/** When so many have begun since the start. */
const hasBegun = (count: number) =>
  new Promise<void>(resolve => {
    onBegin = () => {
      if (begun.length >= count) resolve()
    }
    onBegin()
  })

let toy: Awaited<ReturnType<typeof startToy>>
before(async () => {
  const operations = { read: operation('read'), sign: operation('sign', 'sign'), load: operation('load', 'import') }
  const services = [defineService({ name: 'worker', description: 'Works until it is let go', operations })]
  const about = { name: 'toy', title: 'Toy', version: '1.0.0', description: 'Works', metricPrefix: 'toy' }
  toy = await startToy(definePlugin({ ...about, config: pluginConfig({}), services }), {
    variables: { MMF__server__max_concurrent_requests: '1', MMF__server__max_wait_seconds: '30' },
  })
})
after(() => toy.stop())

test('one turn: the others wait by class, the last is refused at once, and health answers all the while', async () => {
  const ask = (name: string) => toy.ask(`POST /v1/${name}`, { body: {} })
  const first = ask('read')
  await hasBegun(1)
  const waiting = ['load', 'sign'].map(ask)
  // Two wait at the most; of two imports the one that came last gives way.
  const refused = await Promise.race([waiting[0], ask('load')])
  assert.deepEqual([refused?.status, refused?.json.code], [503, 'overloaded'])
  assert.equal(refused?.headers.get('retry-after'), '1')
  const displacing = ask('read')
  for (let n = 0; n < 50; n += 1) assert.equal((await toy.ask('GET /health')).status, 200)
  assert.equal(begun.length, 1)
  begun[0]?.end()
  await hasBegun(2)
  begun[1]?.end()
  await hasBegun(3)
  begun[2]?.end()
  assert.deepEqual(
    begun.map(({ name }) => name),
    ['read', 'read', 'sign'],
  )
  for (const answer of [first, displacing]) assert.equal((await answer).status, 200)
  const { text } = await toy.ask('GET /metrics')
  assert.match(text, /mmf_refused_requests_total\{load="import",method="none",reason="no_turn"\} 2/)
})
