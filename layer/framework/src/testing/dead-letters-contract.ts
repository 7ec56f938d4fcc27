import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { isMmfError } from '../errors/mmf-error.ts'
import type { DeadLetters } from '../events/dead-letters.ts'
import type { CloudEvent } from '../events/events.ts'

/** A way of delivering events to one subscriber, as it is when it fails for the last time. */
export interface DeadLettersUnderTest {
  readonly deadLetters: DeadLetters
  /** Name of the subscriber for events of the type `toy.rang.v1`. */
  readonly subscriber: string
  /** Ids of the events that the subscriber handled. */
  readonly heard: readonly string[]
  /** While true every attempt fails with a TypeError. */
  setDeaf(deaf: boolean): void
  /** Brings events to the subscriber. */
  send(events: readonly CloudEvent[]): Promise<void>
  /** Delivers until each event is handled or a dead letter. */
  settle(): Promise<void>
  close(): Promise<void>
}

const event = (id: string): CloudEvent => ({
  specversion: '1.0',
  id,
  source: '/plugins/toy/services/tower',
  type: 'toy.rang.v1',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  correlationid: `of-${id}`,
  data: { bell: 'great', ü: '☎' },
})

const notFound = (error: unknown) => isMmfError(error, 'not_found')

/** What dead letters are everywhere: listed in full, replayed to their subscriber or discarded, never gone by themselves. */
export function deadLettersContract(name: string, make: () => Promise<DeadLettersUnderTest>): void {
  describe(`dead letters contract: ${name}`, () => {
    let under: DeadLettersUnderTest
    let count = 0
    before(async () => {
      under = await make()
    })
    after(() => under.close())
    beforeEach(async () => {
      for (const { eventId } of await all()) await under.deadLetters.discard({ eventId, subscriber: under.subscriber })
    })

    async function all(limit = 100) {
      const found: { eventId: string }[] = []
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await under.deadLetters.list({ limit, cursor })
        assert.ok(page.rows.length <= limit)
        found.push(...page.rows.map(row => ({ eventId: row.event.id })))
        cursor = page.cursor
      }
      return found
    }
    const ids = async (limit?: number) => (await all(limit)).map(({ eventId }) => eventId)

    /** So many events on which the subscriber failed for the last time. */
    async function die(many: number): Promise<string[]> {
      const events = Array.from({ length: many }, () => event(`e-${++count}`))
      under.setDeaf(true)
      await under.send(events)
      await under.settle()
      under.setDeaf(false)
      return events.map(({ id }) => id)
    }

    it('lists an event as it was, with its subscriber, attempts and the name of the last error', async () => {
      const [id = ''] = await die(1)
      const { rows } = await under.deadLetters.list()
      assert.deepEqual(
        rows.map(({ deadSince, ...row }) => row),
        [{ event: event(id), subscriber: under.subscriber, attempts: 2, lastError: 'TypeError' }],
      )
      assert.match(rows[0]?.deadSince ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    })

    it('lists page by page, each once', async () => {
      const died = await die(5)
      assert.deepEqual((await ids(2)).sort(), died.sort())
    })

    it('replays one: it is delivered, and no dead letter any more', async () => {
      const [id = '', other = ''] = await die(2)
      await under.deadLetters.replay({ eventId: id, subscriber: under.subscriber })
      await under.settle()
      assert.deepEqual(
        under.heard.filter(heard => heard === id || heard === other),
        [id],
      )
      assert.deepEqual(await ids(), [other])
      await assert.rejects(under.deadLetters.replay({ eventId: id, subscriber: under.subscriber }), notFound)
    })

    it('replays one that fails again: it is a dead letter again, after all attempts anew', async () => {
      const [id = ''] = await die(1)
      under.setDeaf(true)
      await under.deadLetters.replay({ eventId: id, subscriber: under.subscriber })
      await under.settle()
      under.setDeaf(false)
      const { rows } = await under.deadLetters.list()
      assert.deepEqual(
        rows.map(row => [row.event.id, row.attempts]),
        [[id, 2]],
      )
      await under.deadLetters.replay({ eventId: id, subscriber: under.subscriber })
      await under.settle()
      assert.deepEqual(await ids(), [])
      assert.ok(under.heard.includes(id))
    })

    it('discards one: it is not delivered', async () => {
      const [id = ''] = await die(1)
      await under.deadLetters.discard({ eventId: id, subscriber: under.subscriber })
      await under.settle()
      assert.deepEqual(await ids(), [])
      assert.ok(!under.heard.includes(id))
      await assert.rejects(under.deadLetters.discard({ eventId: id, subscriber: under.subscriber }), notFound)
    })

    it('knows no others', async () => {
      const [id = ''] = await die(1)
      for (const letter of [
        { eventId: 'none', subscriber: under.subscriber },
        { eventId: id, subscriber: 'nobody:toy.rang.v1' },
      ]) {
        await assert.rejects(under.deadLetters.replay(letter), notFound)
        await assert.rejects(under.deadLetters.discard(letter), notFound)
      }
      assert.deepEqual(await ids(), [id])
    })
  })
}
