import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { conformances } from '../tables/pkd-public-keys.ts'
import { rankOf, shardDigits, shardOf } from './rank.ts'

const fingerprint = fc.string({ unit: fc.constantFrom(...shardDigits), minLength: 64, maxLength: 64 })
const row = fc.record({
  status: fc.constantFrom('published' as const, 'withdrawn' as const),
  conformance: fc.constantFrom(...conformances),
  notBefore: fc
    .date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
    .map(date => date.toISOString()),
  fingerprint,
})

const order = { conforming: 2, unverified: 1, non_conforming: 0 }

test('the order of ranks is: published, conforming, newer', () => {
  fc.assert(
    fc.property(row, row, (a, b) => {
      const differences = [
        Number(a.status === 'published') - Number(b.status === 'published'),
        order[a.conformance] - order[b.conformance],
        Date.parse(a.notBefore) - Date.parse(b.notBefore),
      ]
      const expected = Math.sign(differences.find(one => one !== 0) ?? 0)
      const [first, second] = [rankOf(a), rankOf(b)]
      if (expected !== 0) assert.equal(first > second ? 1 : -1, expected)
      else assert.equal(first === second, a.fingerprint === b.fingerprint)
    }),
  )
})

test('every fingerprint has one of the 16 shards of its collection', () => {
  fc.assert(
    fc.property(fingerprint, print => {
      assert.ok(shardDigits.some(digit => shardOf('001', print) === `001-${digit}`))
      assert.notEqual(shardOf('001', print), shardOf('003', print))
    }),
  )
})
