import type { ListContent } from '../store/list-parts.ts'

/** How a list differs from the last one of its source. Fingerprints, in the order of the lists. */
export interface ListDifference {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** In both, but judged otherwise than before. */
  readonly changed: readonly string[]
}

export function compareLists(before: ListContent, after: ListContent): ListDifference {
  return {
    added: [...after.keys()].filter(fingerprint => !before.has(fingerprint)),
    removed: [...before.keys()].filter(fingerprint => !after.has(fingerprint)),
    changed: [...after].filter(([one, kind]) => before.has(one) && before.get(one) !== kind).map(([one]) => one),
  }
}
