/** The moment tests validate at unless they say otherwise. */
export const testTime = new Date('2026-06-15T12:00:00Z')

const dayMs = 86_400_000

/** testTime moved by days (fractions allowed, negative is earlier). */
export function testDay(days: number): Date {
  return new Date(testTime.getTime() + days * dayMs)
}
