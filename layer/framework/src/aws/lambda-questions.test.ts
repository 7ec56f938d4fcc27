import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import { createManualClock } from '../testing/index.ts'
import { createLambdaQuestions } from './lambda-questions.ts'

const healthy = { notary: { plugin: 'Notary', status: 'healthy', services: { log: { status: 'healthy' } } } }

function setUp() {
  const clock = createManualClock()
  const sent: unknown[] = []
  let payload = JSON.stringify(healthy)
  const client = {
    async send(command: InvokeCommand) {
      const { FunctionName, Payload } = command.input
      sent.push({ FunctionName, event: JSON.parse(Buffer.from((Payload ?? '') as Uint8Array).toString()) })
      if (payload === '') throw new Error('ThrottlingException')
      return { Payload: Buffer.from(payload) }
    },
  }
  const ask = createLambdaQuestions<unknown>('health', {
    lambda: { client: client as never, commands: { InvokeCommand } },
    functions: { 'notary.log': 'mmf-testing-notary-log' },
    clock,
  })
  const answering = (text: string) => {
    payload = text
  }
  return { clock, sent, ask, answering }
}

test('a function is asked how it is by Invoke, once for all who ask within five seconds', async () => {
  const { clock, sent, ask } = setUp()
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask('notary', 'log')))
  assert.deepEqual(answers[49], healthy.notary)
  assert.deepEqual(sent, [{ FunctionName: 'mmf-testing-notary-log', event: { mmf: 'health' } }])
  clock.advance(4_999)
  await ask('notary', 'log')
  assert.equal(sent.length, 1)
  clock.advance(1)
  await ask('notary', 'log')
  assert.equal(sent.length, 2)
})

test('a function that does not answer, or says nothing, is unavailable, and is not asked anew by each stranger', async () => {
  const { clock, sent, ask, answering } = setUp()
  for (const bad of ['', 'null', '{}', '{"other":{}}']) {
    answering(bad)
    const before = sent.length
    await assert.rejects(ask('notary', 'log'), { code: 'service_unavailable' }, bad)
    await assert.rejects(ask('notary', 'log'), { code: 'service_unavailable' }, bad)
    assert.equal(sent.length, before + 1)
    clock.advance(5_000)
  }
  await assert.rejects(ask('notary', 'unknown'), { code: 'service_unavailable' })
  answering(JSON.stringify(healthy))
  assert.deepEqual(await ask('notary', 'log'), healthy.notary)
})
