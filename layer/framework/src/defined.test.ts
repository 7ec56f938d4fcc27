import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defined } from './defined.ts'

const absent = (): number | undefined => undefined

test('members that are undefined are absent, all others stay, in their order', () => {
  const kept = defined({ z: 0, gone: absent(), none: null, empty: '', no: false, a: 1 })
  assert.deepEqual(Object.entries(kept), [
    ['z', 0],
    ['none', null],
    ['empty', ''],
    ['no', false],
    ['a', 1],
  ])
  assert.deepEqual(Object.keys(defined({ gone: absent() })), [])
})

test('spread over defaults, an undefined member overrides nothing', () => {
  assert.deepEqual({ limit: 20, ...defined({ limit: absent() }) }, { limit: 20 })
})

test('the result fits exact optional members and keeps those that are required', () => {
  const row: { readonly id: string; readonly time?: number; readonly kind: 'csca' } = defined({
    id: 'a',
    time: absent(),
    kind: 'csca',
  })
  assert.deepEqual(row, { id: 'a', kind: 'csca' })
})

test('the object that was given is not changed', () => {
  const given = { a: absent() }
  assert.deepEqual(defined(given), {})
  assert.deepEqual(Object.keys(given), ['a'])
})
