import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createIds } from './uuid-v7.ts'

const at = (time: number) => ({ now: () => new Date(time) })

describe('createIds', () => {
  it('reproduces the example of RFC 9562 §A.6', () => {
    // Timestamp 017F22E279B0, rand_a CC3 (top bit of the counter cleared here: 4C3), rand_b 18C4DC0C0C07398F.
    const random = (bytes: Uint8Array) => bytes.set(Buffer.from('0000000000000cc398c4dc0c0c07398f', 'hex'))
    assert.equal(createIds({ clock: at(0x017f22e279b0), random }).next(), '017f22e2-79b0-74c3-98c4-dc0c0c07398f')
  })

  it('increases strictly within a millisecond, beyond the counter, and when the clock steps back', () => {
    let time = 1_700_000_000_000
    const ids = createIds({ clock: { now: () => new Date(time) } })
    const made: string[] = []
    for (let i = 0; i < 10_000; i++) made.push(ids.next())
    time -= 5_000
    for (let i = 0; i < 100; i++) made.push(ids.next())
    assert.deepEqual(made, made.toSorted())
    assert.equal(new Set(made).size, made.length)
    for (const id of made) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('two generators at the same instant do not collide', () => {
    const [a, b] = [createIds({ clock: at(1) }), createIds({ clock: at(1) })]
    const made = new Set(Array.from({ length: 1000 }, () => [a.next(), b.next()]).flat())
    assert.equal(made.size, 2000)
  })
})
