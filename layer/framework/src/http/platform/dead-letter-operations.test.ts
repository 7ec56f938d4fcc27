import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import type { PluginContext } from '../../contract/plugin-context.ts'
import { createMemoryDatabase } from '../../database/sqlite/memory-database.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import { createDeadLetters } from '../../events/dead-letters.ts'
import { deliveryTable } from '../../events/delivery-table.ts'
import { createRelay } from '../../events/embedded/embedded-relay.ts'
import { defineEvent } from '../../events/events.ts'
import { createEvents, outboxTable } from '../../events/outbox/outbox.ts'
import { createIds } from '../../ids/uuid-v7.ts'
import { createManualClock } from '../../testing/manual-clock.ts'
import { recordingObservability } from '../../testing/recording-observability.ts'
import { testCall } from '../../testing/test-call.ts'
import { deadLetterOperations } from './dead-letter-operations.ts'

const rang = defineEvent({ name: 'rang', version: 1, data: z.strictObject({ bell: z.string() }) })

test('what a subscriber failed on for the last time is listed, and delivered again when asked', async () => {
  const clock = createManualClock()
  const observability = recordingObservability()
  const database = createMemoryDatabase({ clock })
  await database.open([outboxTable, deliveryTable])
  const heard: string[] = []
  let deaf = true
  const relay = createRelay({
    database,
    clock,
    logger: observability.logger,
    subscribers: [
      {
        name: 'ear',
        eventType: 'rang',
        retryAttempts: 2,
        async handler(event) {
          if (deaf) throw new TypeError('cannot hear')
          heard.push(event.id)
        },
      },
    ],
  })
  const events = createEvents({ plugin: 'toy', service: 'tower', clock, ids: createIds({ clock }) })
  await database.write(events.outbox(rang, { bell: 'great' }, { correlationId: 'c' }))
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await relay.runDue()
    clock.advance(3_600_000)
  }
  const operations = deadLetterOperations(createDeadLetters({ database, clock }))
  const as = (roles: string[]) => ({
    context: { plugin: { metricPrefix: 'mmf' }, observability } as unknown as PluginContext,
    call: testCall({ principal: { roles } }),
  })
  const run = (name: string, wire: unknown, roles = ['platform_administrator']) => {
    const operation = operations[name]
    assert.ok(operation !== undefined)
    return operation.invoke(wire, as(roles))
  }

  await assert.rejects(run('listDeadLetters', {}, ['auditor']), error => isMmfError(error, 'role_missing'))
  const { deadLetters } = (await run('listDeadLetters', {})) as { deadLetters: Record<string, unknown>[] }
  assert.equal(deadLetters.length, 1)
  assert.equal(deadLetters[0]?.['type'], 'toy.rang.v1')
  assert.equal(deadLetters[0]?.['attempts'], 2)
  assert.equal(deadLetters[0]?.['lastError'], 'TypeError')

  deaf = false
  const letter = { eventId: deadLetters[0]?.['eventId'], subscriber: 'ear' }
  await run('replayDeadLetter', letter)
  await relay.runDue()
  assert.deepEqual(heard, [letter.eventId])
  assert.deepEqual(await run('listDeadLetters', {}), { deadLetters: [] })
  await assert.rejects(run('discardDeadLetter', letter), error => isMmfError(error, 'not_found'))
  await database.close()
})
