const dayMs = 86_400_000

/** Certificates whose notAfter lies between the two, both included, have crossed this threshold and no lower one. */
export interface Crossing {
  /** Days before notAfter. */
  readonly threshold: number
  /** RFC 3339 with milliseconds. */
  readonly from: string
  readonly to: string
}

const iso = (time: number): string => new Date(time).toISOString()

/**
 * What has crossed a threshold after `since` and up to `now`, milliseconds since 1970: for each threshold one stretch of notAfter, and no two
 * overlap. So each certificate is found once for each threshold it crosses, and after a long pause only for the lowest.
 */
export function crossings(since: number, now: number, thresholds: readonly number[]): readonly Crossing[] {
  const descending = [...new Set(thresholds)].sort((a, b) => b - a)
  return descending.flatMap((threshold, index) => {
    const lower = descending[index + 1]
    const notBelow = lower === undefined ? Number.NEGATIVE_INFINITY : now + lower * dayMs
    const after = Math.max(since + threshold * dayMs, notBelow)
    const upTo = now + threshold * dayMs
    return after < upTo ? [{ threshold, from: iso(after + 1), to: iso(upTo) }] : []
  })
}

/** Whole days that are left; negative after the end. */
export const daysRemaining = (notAfter: string, now: number): number => Math.floor((Date.parse(notAfter) - now) / dayMs)

/** Where a look begins that none came before: what is within a threshold now is told, and what ended as long ago as the highest. */
export const firstSince = (now: number, thresholds: readonly number[]): number => now - Math.max(...thresholds) * dayMs
