const twoDigits: readonly string[] = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))
const dayMs = 86_400_000

/**
 * A moment as RFC 3339 text with milliseconds, UTC: what Date.prototype.toISOString gives, at a third of its cost, which every verdict pays.
 *
 * @param milliseconds since 1970 UTC, within the range of Date
 */
export function formatTimestamp(milliseconds: number): string {
  const moment = Math.floor(milliseconds)
  const date = new Date(moment)
  const year = date.getUTCFullYear()
  if (year < 1000 || year > 9999) return date.toISOString()
  const ofDay = ((moment % dayMs) + dayMs) % dayMs
  const seconds = Math.floor(ofDay / 1000)
  const minutes = Math.floor(seconds / 60)
  const fraction = String(ofDay % 1000).padStart(3, '0')
  const day = `${year}-${twoDigits[date.getUTCMonth() + 1]}-${twoDigits[date.getUTCDate()]}`
  return `${day}T${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}.${fraction}Z`
}
