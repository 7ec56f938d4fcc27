import type { Node } from './append-leaf.ts'
import { rootOf } from './append-leaf.ts'

type Place = Pick<Node, 'level' | 'position'>

/** The complete subtrees that make up the leaves from `start` to before `end`, largest first; `start` is a multiple of the largest. */
function placesOf(start: number, end: number): readonly Place[] {
  const places: Place[] = []
  let at = start
  while (at < end) {
    const level = Math.floor(Math.log2(end - at))
    places.push({ level, position: at / 2 ** level })
    at += 2 ** level
  }
  return places
}

/**
 * RFC 9162 §2.1.3.1, PATH(index, D_size): for each hash of the proof, from the leaf to the root, the complete subtrees that it is made of. All but
 * one of the hashes are one subtree, so that a proof reads at most two nodes for each level.
 */
export function inclusionPath(index: number, size: number): readonly (readonly Place[])[] {
  const path: (readonly Place[])[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const half = start + 2 ** (Math.ceil(Math.log2(end - start)) - 1)
    path.unshift(index < half ? placesOf(half, end) : placesOf(start, half))
    if (index < half) end = half
    else start = half
  }
  return path
}

/** The hashes of a proof, from those of its subtrees. */
export const proofOf = (subtrees: readonly (readonly Uint8Array[])[]): readonly Uint8Array[] => subtrees.map(rootOf)
