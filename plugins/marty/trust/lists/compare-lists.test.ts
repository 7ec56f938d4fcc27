import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareLists } from './compare-lists.ts'

const kind = fc.constantFrom('anchor' as const, 'link' as const, 'quarantined' as const)
const name: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const list = fc.array(fc.tuple(name, kind)).map(rows => new Map(rows))

test('the same list again differs in nothing', () => {
  fc.assert(fc.property(list, one => assert.deepEqual(compareLists(one, one), { added: [], removed: [], changed: [] })))
})

test('a difference, applied to the list before, gives the list after', () => {
  fc.assert(
    fc.property(list, list, (before, after) => {
      const { added, removed, changed } = compareLists(before, after)
      const next = new Map(before)
      for (const one of removed) assert.ok(next.delete(one))
      for (const one of added) assert.ok(!before.has(one))
      for (const one of [...added, ...changed]) next.set(one, after.get(one) ?? assert.fail('not in the list after'))
      assert.deepEqual(next, after)
    }),
  )
})
