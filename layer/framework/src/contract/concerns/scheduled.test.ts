import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMmfError } from '../../errors/mmf-error.ts'
import { scheduled } from './scheduled.ts'

test('an interval is a whole number of minutes', () => {
  for (const everyMinutes of [0, -1, 1.5, Number.NaN, 525_601]) {
    assert.throws(
      () => scheduled({ everyMinutes }),
      error => isMmfError(error, 'concern_invalid'),
    )
  }
  assert.deepEqual(scheduled<object, undefined>({ everyMinutes: 5 }).declares, { schedule: { everyMinutes: 5 } })
})
