import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { createIds } from '../../ids/uuid-v7.ts'
import { createManualClock } from '../../testing/manual-clock.ts'
import { matchesEventType } from '../event-type.ts'
import { type CloudEvent, defineEvent } from '../events.ts'
import { createEvents, pendingQueues } from './outbox.ts'

const clock = createManualClock()
const events = createEvents({ plugin: 'toys', service: 'maker', clock, ids: createIds({ clock }) })
const bytes = z.codec(z.base64(), z.instanceof(Uint8Array), {
  decode: text => new Uint8Array(Buffer.from(text, 'base64')),
  encode: value => Buffer.from(value).toString('base64'),
})
const made = defineEvent({ name: 'made', version: 3, data: z.object({ text: z.string(), hash: z.optional(bytes) }) })
const options = { correlationId: 'c' }

describe('createEvents', () => {
  it('refuses data that does not match the declaration, naming the field only', () => {
    const wrong = { text: 5 } as unknown as { text: string }
    assert.throws(() => events.outbox(made, wrong, options), { code: 'event_invalid', detail: 'made.v3: text' })
  })

  it('refuses an event that no bus would take', () => {
    assert.throws(() => events.outbox(made, { text: 'x'.repeat(250_000) }, options), { code: 'event_invalid' })
  })

  it('applies codecs, and spreads the rows over the queues', () => {
    const queues = new Set<string>()
    for (let i = 0; i < 200; i++) {
      const write = events.outbox(made, { text: 'a', hash: Uint8Array.of(255) }, { ...options, causationId: 'p' })
      assert.ok(write.kind === 'put')
      const row = write.row as { queue: string; event: string }
      queues.add(row.queue)
      const { data, causationid } = JSON.parse(row.event) as CloudEvent
      assert.deepEqual([data, causationid], [{ text: 'a', hash: '/w==' }, 'p'])
    }
    assert.deepEqual([...queues].toSorted(), [...pendingQueues].toSorted())
  })
})

describe('matchesEventType', () => {
  it('lets plugin and version be left out, and nothing else', () => {
    const type = 'marty.certificate_revoked.v1'
    for (const wanted of [type, 'certificate_revoked', 'certificate_revoked.v1', 'marty.certificate_revoked']) {
      assert.ok(matchesEventType(wanted, type), wanted)
    }
    for (const wanted of [
      '',
      'marty',
      'certificate',
      'certificate_revoked.v2',
      'other.certificate_revoked',
      '*',
      'v1',
    ]) {
      assert.ok(!matchesEventType(wanted, type), wanted)
    }
  })
})
