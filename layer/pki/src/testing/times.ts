/** The moment tests validate at unless they say otherwise. */
export const TEST_TIME = new Date('2026-06-15T12:00:00Z')

const DAY = 86_400_000

/** TEST_TIME moved by days (fractions allowed, negative is earlier). */
export function testDay(days: number): Date {
  return new Date(TEST_TIME.getTime() + days * DAY)
}
