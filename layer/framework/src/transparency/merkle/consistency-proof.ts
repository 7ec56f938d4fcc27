import { type Place, splitOf, subtreesOf } from './subtrees.ts'

/**
 * RFC 9162 §2.1.4.1, PROOF(first, D_second): for each hash of the proof the complete subtrees that it is made of. Empty where both sizes are the same, or
 * the first is 0.
 */
export function consistencyPath(first: number, second: number): readonly (readonly Place[])[] {
  if (first === 0) return []
  const path: (readonly Place[])[] = []
  let [start, end, isWhole] = [0, second, true]
  // SUBPROOF: the subtree that ends where the first list does is left out where the verifier has its hash.
  while (end !== first) {
    const half = start + splitOf(end - start)
    path.unshift(first <= half ? subtreesOf(half, end) : subtreesOf(start, half))
    if (first <= half) end = half
    else [start, isWhole] = [half, false]
  }
  return isWhole ? path : [subtreesOf(start, end), ...path]
}
