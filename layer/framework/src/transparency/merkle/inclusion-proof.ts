import { type Place, splitOf, subtreesOf } from './subtrees.ts'

/**
 * RFC 9162 §2.1.3.1, PATH(index, D_size): for each hash of the proof, from the leaf to the root, the complete subtrees that it is made of. All but
 * one of the hashes are one subtree, so that a proof reads at most two nodes for each level.
 */
export function inclusionPath(index: number, size: number): readonly (readonly Place[])[] {
  const path: (readonly Place[])[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const half = start + splitOf(end - start)
    path.unshift(index < half ? subtreesOf(half, end) : subtreesOf(start, half))
    if (index < half) end = half
    else start = half
  }
  return path
}
