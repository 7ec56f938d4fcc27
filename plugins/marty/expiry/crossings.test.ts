import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { crossings, daysRemaining } from './crossings.ts'

const day = 86_400_000
const at = (days: number) => Date.UTC(2026, 0, 1) + days * day
const inside = (notAfter: number, { from, to }: { from: string; to: string }) =>
  from <= new Date(notAfter).toISOString() && new Date(notAfter).toISOString() <= to

test('however often it is looked, each threshold is told once, in order, and after a pause only the lowest', () => {
  const thresholds = fc.uniqueArray(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 8 })
  const looks = fc.array(fc.integer({ min: 1, max: 60 * 24 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(thresholds, looks, fc.integer({ min: 0, max: 200 * day }), (days, hours, left) => {
      const notAfter = at(0) + left
      let since = at(0)
      const told: number[] = []
      for (const pause of hours) {
        const now = since + pause * 3_600_000
        const found = crossings(since, now, days).filter(stretch => inside(notAfter, stretch))
        assert.ok(found.length <= 1, 'no two stretches overlap')
        for (const { threshold } of found) {
          told.push(threshold)
          // The lowest that is reached, and it was not reached at the last look.
          assert.deepEqual(threshold, Math.min(...days.filter(one => notAfter <= now + one * day)))
          assert.ok(notAfter > since + threshold * day)
        }
        since = now
      }
      assert.deepEqual(
        told,
        [...new Set(told)].sort((a, b) => b - a),
        'each once, descending',
      )
      const reached = days.filter(one => notAfter <= since + one * day && notAfter > at(0) + one * day)
      if (reached.length > 0) assert.equal(told.at(-1), Math.min(...reached))
      else assert.deepEqual(told, [])
    }),
  )
})

test('days that are left are whole and negative after the end', () => {
  assert.equal(daysRemaining(new Date(at(7)).toISOString(), at(0)), 7)
  assert.equal(daysRemaining(new Date(at(7) - 1).toISOString(), at(0)), 6)
  assert.equal(daysRemaining(new Date(at(0) - 1).toISOString(), at(0)), -1)
})
