import { hashOfNode, hashOfNothing } from './hash.ts'
import type { Place } from './subtrees.ts'

/** A complete subtree and its hash. */
export interface Node extends Place {
  readonly hash: Uint8Array
}

/** The complete subtrees that a list consists of, largest first: one for each bit of its size. */
export type Peaks = readonly Uint8Array[]

/** The list with one more leaf, and the complete subtrees that come to be by it: at most one for each level. */
export function appendLeaf(size: number, peaks: Peaks, leaf: Uint8Array): { peaks: Peaks; nodes: readonly Node[] } {
  const left = [...peaks]
  const nodes: Node[] = [{ level: 0, position: size, hash: leaf }]
  let hash = leaf
  let position = size
  for (let level = 1; position % 2 === 1; level += 1) {
    const sibling = left.pop()
    if (sibling === undefined) throw new RangeError(`a list of ${size} leaves has more peaks than were given`)
    hash = hashOfNode(sibling, hash)
    position = Math.floor(position / 2)
    nodes.push({ level, position, hash })
  }
  return { peaks: [...left, hash], nodes }
}

/** RFC 9162 §2.1.1: the hash of the whole list, from its complete subtrees. */
export const rootOf = (peaks: Peaks): Uint8Array =>
  peaks.length === 0 ? hashOfNothing() : peaks.reduceRight((right, left) => hashOfNode(left, right))
