import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkRecords, refuseRecords } from './check-records.ts'

const queue = { Records: [{ messageId: '1', body: '{}', eventSource: 'aws:sqs', eventSourceARN: 'arn:x' }] }
const stream = {
  Records: [{ eventSource: 'aws:dynamodb', eventName: 'INSERT', dynamodb: {}, eventSourceARN: 'arn:y' }],
}

test('the relay takes records of the stream alone: to return from others would lose them', () => {
  checkRecords(stream, 'the stream', 'dynamodb')
  checkRecords({ Records: [] }, 'the stream', 'dynamodb')
  const mixed = { Records: [...stream.Records, ...queue.Records] }
  for (const event of [queue, mixed, {}, null, undefined, 'warm', [], { Records: {} }, { Records: [null] }]) {
    assert.throws(() => checkRecords(event, 'the stream', 'dynamodb'), { code: 'event_unsupported' })
  }
})

test('a function of a schedule takes none', () => {
  for (const event of [undefined, {}, { 'detail-type': 'Scheduled Event' }]) refuseRecords(event)
  for (const event of [queue, stream, { records: {} }]) {
    assert.throws(() => refuseRecords(event), { code: 'event_unsupported' })
  }
})
