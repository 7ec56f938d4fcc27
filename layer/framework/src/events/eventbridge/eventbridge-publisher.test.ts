import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as sdk from '@aws-sdk/client-eventbridge'
import type { CloudEvent } from '../events.ts'
import { createEventBridgePublisher, entrySize } from './eventbridge-publisher.ts'

function event(id: string, size = 10): CloudEvent {
  return {
    specversion: '1.0',
    id,
    source: '/plugins/toys/services/maker',
    type: 'toys.made.v1',
    time: '2026-01-01T00:00:00.000Z',
    datacontenttype: 'application/json',
    correlationid: 'c',
    data: { text: 'x'.repeat(size) },
  }
}

type Answer = (entries: sdk.PutEventsRequestEntry[]) => unknown

/** A publisher whose client answers each request by the next function, the last one for ever. */
function scripted(...answers: readonly Answer[]) {
  const requests: sdk.PutEventsRequestEntry[][] = []
  const slept: number[] = []
  const client = {
    async send({ input }: sdk.PutEventsCommand) {
      const entries = input.Entries ?? []
      requests.push(entries)
      return answers[Math.min(requests.length, answers.length) - 1]?.(entries)
    },
  } as unknown as sdk.EventBridgeClient
  const sleep = async (milliseconds: number) => void slept.push(milliseconds)
  const publisher = createEventBridgePublisher({ client, commands: sdk, busName: 'bus', sleep, random: () => 1 })
  return { publisher, requests, slept }
}

const allGood: Answer = entries => ({ FailedEntryCount: 0, Entries: entries.map((_, i) => ({ EventId: `${i}` })) })

describe('EventBridge publisher', () => {
  it('hands on the trace of who published an event, where it is one', async () => {
    const { publisher, requests } = scripted(allGood)
    const [traceId, spanId] = ['0123456789abcdef0123456789abcdef', 'fedcba9876543210']
    const traced = { ...event('a'), traceparent: `00-${traceId}-${spanId}-01` }
    await publisher.publish([traced, event('b'), { ...event('c'), traceparent: 'nonsense' }])
    assert.deepEqual(
      requests.flat().map(({ TraceHeader }) => TraceHeader),
      [`Root=1-01234567-89abcdef0123456789abcdef;Parent=${spanId};Sampled=1`, undefined, undefined],
    )
    assert.equal(JSON.parse(requests[0]?.[0]?.Detail ?? '').traceparent, traced.traceparent)
  })

  it('sends 10 entries and 256 KB at most, in order', async () => {
    const { publisher, requests } = scripted(allGood)
    const small = Array.from({ length: 23 }, (_, i) => event(`${i}`))
    assert.ok((await publisher.publish(small)).every(outcome => outcome.published))
    assert.deepEqual(
      requests.map(entries => entries.length),
      [10, 10, 3],
    )
    requests.length = 0
    await publisher.publish(Array.from({ length: 5 }, (_, i) => event(`${i}`, 100_000)))
    assert.deepEqual(
      requests.map(entries => entries.length),
      [2, 2, 1],
    )
    for (const entries of requests) {
      assert.ok(entries.reduce((sum, entry) => sum + entrySize(entry), 0) <= 256 * 1024)
    }
    assert.deepEqual(
      requests.flat().map(({ Detail = '' }) => JSON.parse(Detail).id),
      ['0', '1', '2', '3', '4'],
    )
    assert.deepEqual(await publisher.publish([]), [])
  })

  it('repeats only the entries that failed, with back-off, and says which never went', async () => {
    const failing =
      (bad: string): Answer =>
      entries => ({
        Entries: entries.map(({ Detail = '' }) =>
          JSON.parse(Detail).id === bad ? { ErrorCode: 'InternalFailure' } : { EventId: '1' },
        ),
      })
    const { publisher, requests, slept } = scripted(failing('b'))
    const outcomes = await publisher.publish([event('a'), event('b'), event('c')])
    assert.deepEqual(outcomes, [
      { published: true },
      { published: false, reason: 'InternalFailure' },
      { published: true },
    ])
    assert.deepEqual(
      requests.map(entries => entries.length),
      [3, 1, 1],
    )
    assert.deepEqual(slept, [100, 200])
  })

  it('counts a request that fails, and an answer without results, as not published', async () => {
    const throwing: Answer = () => {
      throw Object.assign(new Error('no'), { name: 'ThrottlingException' })
    }
    const thrown = await scripted(throwing).publisher.publish([event('a')])
    assert.deepEqual(thrown, [{ published: false, reason: 'ThrottlingException' }])
    const empty = await scripted(() => ({})).publisher.publish([event('a')])
    assert.deepEqual(empty, [{ published: false, reason: 'no_event_id' }])
    const recovered = await scripted(throwing, allGood).publisher.publish([event('a')])
    assert.deepEqual(recovered, [{ published: true }])
  })

  it('throws when the caller aborts', async () => {
    const controller = new AbortController()
    const { publisher } = scripted(() => {
      controller.abort()
      throw Object.assign(new Error('aborted'), { name: 'AbortError' })
    })
    await assert.rejects(publisher.publish([event('a')], { signal: controller.signal }), { name: 'AbortError' })
  })
})
