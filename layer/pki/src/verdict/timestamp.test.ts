import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatTimestamp } from './timestamp.ts'

test('a timestamp is what Date writes', () => {
  const moments = fc.oneof(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.integer({ min: -6e13, max: 2.6e14 }))
  fc.assert(
    fc.property(moments, value => assert.equal(formatTimestamp(value), new Date(value).toISOString())),
    { numRuns: 1000 },
  )
  assert.equal(formatTimestamp(0.7), '1970-01-01T00:00:00.000Z')
})
