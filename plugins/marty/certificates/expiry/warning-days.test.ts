import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayMilliseconds, daysUntil, defaultWarningDays, reachedThreshold } from './warning-days.ts'

const notAfter = '2030-06-15T12:00:00.000Z'
const before = (milliseconds: number) => new Date(Date.parse(notAfter) - milliseconds)

test('begun days count, and none is left from the moment on', () => {
  const cases = [
    [90 * dayMilliseconds + 1, 91], [90 * dayMilliseconds, 90], [dayMilliseconds + 1, 2], [dayMilliseconds, 1], [1, 1],
    [0, 0], [-1, 0], [1 - dayMilliseconds, 0], [-dayMilliseconds, -1], [-dayMilliseconds - 1, -1],
  ] as const // biome-ignore format: pairs
  for (const [left, days] of cases) assert.deepEqual([left, daysUntil(notAfter, before(left))], [left, days])
})

test('the lowest threshold that is reached counts', () => {
  const reached = [91, 90, 61, 60, 8, 7, 2, 1, 0, -400].map(days => reachedThreshold(days, defaultWarningDays))
  assert.deepEqual(reached, [undefined, 90, 90, 60, 15, 7, 3, 1, 0, 0])
  assert.equal(reachedThreshold(-5, [7, 30]), 7)
})

const thresholds = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 10 })
/** Moments of looks, as time that is left; in any order, as clocks of two instances may have it. */
const looks = fc.array(fc.integer({ min: -30 * dayMilliseconds, max: 500 * dayMilliseconds }), { maxLength: 30 })

/** What is published in these looks, by the rule that a notice applies: only what is lower than the last one published. */
function publishedIn(left: readonly number[], warningDays: readonly number[]): readonly number[] {
  const published: number[] = []
  for (const time of left) {
    const threshold = reachedThreshold(daysUntil(notAfter, before(time)), warningDays)
    if (threshold !== undefined && threshold < (published.at(-1) ?? Number.POSITIVE_INFINITY)) published.push(threshold)
  }
  return published
}

test('whenever it is looked: no threshold is published twice or too early, the lowest that was reached is published, in any order of the table', () => {
  fc.assert(
    fc.property(thresholds, looks, (warningDays, left) => {
      const published = publishedIn(left, warningDays)
      assert.deepEqual(
        published,
        [...new Set(published)].sort((a, b) => b - a),
      )
      const passed = (time: number) => warningDays.filter(days => time <= days * dayMilliseconds)
      // Said another way than the product says it: by time, without whole days.
      const least = Math.min(...left)
      assert.equal(published.at(-1), passed(least).toSorted((a, b) => a - b)[0])
      for (const threshold of published) assert.ok(left.some(time => passed(time).includes(threshold)))
      assert.deepEqual(publishedIn(left, warningDays.toReversed()), published)
      // A pause as long as can be: one is published.
      assert.ok(publishedIn([least], warningDays).length <= 1)
    }),
  )
})

test('a daily look finds every threshold', () => {
  fc.assert(
    fc.property(thresholds, fc.integer({ min: 0, max: dayMilliseconds - 1 }), (warningDays, hour) => {
      const daily = Array.from({ length: 403 }, (_, day) => (401 - day) * dayMilliseconds + hour)
      assert.deepEqual(
        publishedIn(daily, warningDays),
        warningDays.toSorted((a, b) => b - a),
      )
    }),
  )
})
