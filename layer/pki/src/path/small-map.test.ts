import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SmallMap } from './small-map.ts'

describe('a small map', () => {
  test('finds what was added by identity, also when it is no longer small', () => {
    const map = new SmallMap<object, number>()
    const keys = Array.from({ length: 40 }, () => ({}))
    for (const [place, key] of keys.entries()) {
      assert.equal(map.get(key), undefined)
      map.add(key, place)
      for (let earlier = 0; earlier <= place; earlier++) assert.equal(map.get(keys[earlier] as object), earlier)
    }
    assert.equal(map.get({}), undefined)
  })
})
