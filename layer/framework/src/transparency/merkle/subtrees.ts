/** A complete subtree: of 2^level leaves, the position-th of this level. */
export interface Place {
  readonly level: number
  readonly position: number
}

/** The complete subtrees that make up the leaves from `start` to before `end`, largest first; `start` is a multiple of the largest. */
export function subtreesOf(start: number, end: number): readonly Place[] {
  const places: Place[] = []
  let at = start
  while (at < end) {
    const level = levelWithin(end - at)
    places.push({ level, position: at / 2 ** level })
    at += 2 ** level
  }
  return places
}

/** RFC 9162 §2.1.1: the largest power of two smaller than the number of leaves, which is at least 2. */
export const splitOf = (leaves: number): number => 2 ** levelWithin(leaves - 1)

/** The greatest level whose subtree has no more than so many leaves. Counted, since logarithms of large numbers are rounded. */
function levelWithin(leaves: number): number {
  let level = 0
  while (2 ** (level + 1) <= leaves) level += 1
  return level
}
