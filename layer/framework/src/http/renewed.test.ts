import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renewed } from './renewed.ts'

test('a first build that fails is tried again, a later one that fails leaves what is there', async () => {
  let outdated = false
  let fails = true
  let builds = 0
  const stayed: unknown[] = []
  const ready = renewed(async () => {
    builds += 1
    if (fails) throw new Error(`build ${builds}`)
    return { build: builds, outdated: async () => outdated, stays: (error: unknown) => void stayed.push(error) }
  })
  await assert.rejects(ready(), /build 1/)
  fails = false
  assert.equal((await ready()).build, 2)
  assert.equal((await ready()).build, 2)
  outdated = true
  fails = true
  assert.equal((await ready()).build, 2)
  assert.equal(stayed.length, 1)
  fails = false
  assert.equal((await ready()).build, 4)
})
