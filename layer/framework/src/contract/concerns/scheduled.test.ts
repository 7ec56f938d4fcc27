import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scheduled } from './scheduled.ts'

test('an interval is a whole number of minutes', () => {
  for (const everyMinutes of [0, -1, 1.5, Number.NaN]) assert.throws(() => scheduled({ everyMinutes }), TypeError)
  assert.deepEqual(scheduled<object, undefined>({ everyMinutes: 5 }).declares, { schedule: { everyMinutes: 5 } })
})
