/** How many days before its notAfter a certificate is warned of; 0: it has expired. */
export const defaultWarningDays = [90, 60, 30, 15, 7, 3, 1, 0] as const

/** Ten years: a CSCA is valid for up to fifteen (Doc 9303-12 §7.1.1). */
export const maxWarningDays = 3650

export const dayMilliseconds = 86_400_000

/** Whole days from now to a moment, begun ones counted: 0 and below once it has come. */
export function daysUntil(moment: string, now: Date): number {
  // Adding 0 makes 0 of -0, which JSON and comparisons of objects distinguish.
  return Math.ceil((Date.parse(moment) - now.getTime()) / dayMilliseconds) + 0
}

/** The lowest of the thresholds that has been reached; undefined: none yet. Those passed on the way are of no interest any more. */
export function reachedThreshold(daysRemaining: number, warningDays: readonly number[]): number | undefined {
  const reached = warningDays.filter(days => daysRemaining <= days)
  return reached.length === 0 ? undefined : Math.min(...reached)
}
