import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../testing/manual-clock.ts'
import { refreshedByAge } from './aws-appconfig.ts'

test('what is in use is asked for again once it is too old, once however many ask, and not before', async () => {
  const clock = createManualClock()
  const gate = Promise.withResolvers<{ again: boolean }>()
  let asked = 0
  const refresh = () => {
    asked += 1
    return gate.promise
  }
  const beforeEvent = refreshedByAge({ refresh }, { clock, maxAgeSeconds: 60 })
  await beforeEvent()
  clock.advance(59_999)
  await beforeEvent()
  assert.equal(asked, 0)
  clock.advance(1)
  const both = Promise.all([beforeEvent(), beforeEvent()])
  assert.equal(asked, 1)
  gate.resolve({ again: true })
  await both
  await beforeEvent()
  assert.equal(asked, 1, 'what failed is not asked for again at once')
  clock.advance(60_000)
  await beforeEvent()
  assert.equal(asked, 2)
})
