import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestPlatform } from '@mmf/framework/testing'
import { eventKind } from './event-kind.ts'
import type { LambdaContext } from './lambda-types.ts'
import type { HttpPlatform } from './platform.ts'
import { serveDeliveries } from './serve-deliveries.ts'

const envelope = (id: string) => ({
  'detail-type': 'toy.rang.v1',
  source: '/toy',
  detail: { specversion: '1.0', id, type: 'toy.rang.v1', data: {} },
})
const message = (messageId: string, body: unknown) => ({
  messageId,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  eventSource: 'aws:sqs' as const,
})

test('a batch of a queue with our events is taken; any other is refused whole, so that the queue keeps it', () => {
  const ours = message('1', envelope('a'))
  assert.equal(eventKind({ Records: [ours] }), 'deliveries')
  assert.equal(eventKind({ Records: [message('0', 'warm'), ours] }), 'deliveries')
  for (const Records of [
    [message('1', '{}')],
    [message('1', 'null')],
    [{ ...ours, eventSource: 'aws:sns' }],
    [ours, { ...ours, messageId: 1 }],
    [ours, null],
  ]) {
    assert.equal(typeof eventKind({ Records }), 'object', JSON.stringify(Records))
  }
})

test('what fails is brought again, and nothing else', async () => {
  const platform = (await createTestPlatform({ plugins: [] })) as unknown as HttpPlatform
  const heard: string[] = []
  const serve = async ({ detail }: { detail: { id: string } }) => {
    heard.push(detail.id)
    if (detail.id === 'b') throw new Error('cannot hear')
  }
  const Records = [...['a', 'b', 'c'].map(id => message(`m-${id}`, envelope(id))), message('m-x', 'not ours')]
  const answer = await serveDeliveries({ Records }, {} as LambdaContext, platform, serve)
  assert.deepEqual(heard, ['a', 'b', 'c'])
  assert.deepEqual(
    answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
    ['m-b', 'm-x'],
  )
})
