import { hashOfNode, hashOfNothing } from './hash.ts'

/** RFC 9162 §2.1.3.2: the root that an inclusion proof leads to, or undefined where it has not the right length. */
export function rootOfInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  if (index >= size) return undefined
  let fn = index
  let sn = size - 1
  let root = leaf
  for (const hash of proof) {
    if (sn === 0) return undefined
    if (fn % 2 === 1 || fn === sn) {
      root = hashOfNode(hash, root)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else {
      root = hashOfNode(root, hash)
    }
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  return sn === 0 ? root : undefined
}

/** RFC 9162 §2.1.4.2: whether a proof leads from the root of the first `first` leaves to the root of `second` leaves. */
export function provesConsistency(
  first: { readonly size: number; readonly root: Uint8Array },
  second: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0
  if (first.size > second.size) return false
  if (first.size === second.size) return proof.length === 0 && same(first.root, second.root)
  // Every list begins as the empty one (RFC 9162 §2.1.4 proves nothing of it).
  if (first.size === 0) return proof.length === 0 && same(first.root, hashOfNothing())
  let fn = first.size - 1
  let sn = second.size - 1
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  // A first list of 2^n leaves is a subtree of the second: its root is the first hash, and is not sent.
  const [start, ...rest] = fn === 0 ? [first.root, ...proof] : proof
  if (start === undefined) return false
  let [older, newer] = [start, start]
  for (const hash of rest) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      older = hashOfNode(hash, older)
      newer = hashOfNode(hash, newer)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else {
      newer = hashOfNode(newer, hash)
    }
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  return sn === 0 && same(older, first.root) && same(newer, second.root)
}
