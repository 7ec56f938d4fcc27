import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { appendLeaf, type Peaks, rootOf } from './append-leaf.ts'
import { hashOfLeaf, hashOfNode, hashOfNothing } from './hash.ts'
import { inclusionPath } from './inclusion-proof.ts'
import { rootOfInclusion } from './root-of-proof.ts'

const split = (n: number): number => {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** RFC 9162 §2.1.1, MTH, as it stands there. */
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves
  if (first === undefined) return hashOfNothing()
  if (leaves.length === 1) return first
  const k = split(leaves.length)
  return hashOfNode(mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

/** RFC 9162 §2.1.3.1, PATH, as it stands there. */
function path(m: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  if (leaves.length === 1) return []
  const k = split(leaves.length)
  if (m < k) return [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
  return [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))]
}

function grown(count: number) {
  const leaves = Array.from({ length: count }, (_, n) => hashOfLeaf(Buffer.from(`leaf ${n}`)))
  const stored = new Map<string, Uint8Array>()
  let peaks: Peaks = []
  leaves.forEach((leaf, size) => {
    const made = appendLeaf(size, peaks, leaf)
    peaks = made.peaks
    for (const { level, position, hash } of made.nodes) {
      assert.ok(!stored.has(`${level}/${position}`), 'a node comes to be once')
      stored.set(`${level}/${position}`, hash)
    }
  })
  const at = (level: number, position: number): Uint8Array => {
    const hash = stored.get(`${level}/${position}`)
    assert.ok(hash, `${level}/${position} is not stored`)
    return hash
  }
  return { leaves, peaks, at }
}

test('the hash of an empty list and of a leaf are those of RFC 9162', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  // SHA-256 of nothing, and of one zero byte.
  assert.equal(hex(rootOf([])), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  assert.equal(hex(hashOfLeaf(new Uint8Array())), '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
})

test('a grown list has the root and the proofs of the recursion in RFC 9162, from stored nodes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 130 }), fc.nat(), fc.nat(), (count, a, b) => {
      const { leaves, peaks, at } = grown(count)
      assert.deepEqual(Buffer.from(rootOf(peaks)), Buffer.from(mth(leaves)))
      const size = 1 + (a % count)
      const index = b % size
      const subtrees = inclusionPath(index, size)
      assert.ok(subtrees.flat().length <= 2 * Math.ceil(Math.log2(size + 1)))
      const proof = subtrees.map(places => rootOf(places.map(({ level, position }) => at(level, position))))
      const then = leaves.slice(0, size)
      assert.deepEqual(proof.map(String), path(index, then).map(String))
      const leaf = leaves[index] as Uint8Array
      assert.deepEqual(rootOfInclusion(index, size, leaf, proof), mth(then))
      assert.notDeepEqual(rootOfInclusion(index, size, hashOfLeaf(Buffer.from('other')), proof), mth(then))
      assert.equal(rootOfInclusion(index, size, leaf, [...proof, leaf]), undefined)
      if (proof.length > 0) assert.equal(rootOfInclusion(index, size, leaf, proof.slice(1)), undefined)
      assert.equal(rootOfInclusion(size, size, leaf, proof), undefined)
    }),
  )
})
