/** Thrown within this folder when the work allowed for one certificate is done; never leaves it. */
export class WorkExhausted extends Error {}

// Enough for a thousand CRLs against a dozen distribution points with a handful of names each.
const defaultWork = 200_000

/** A count of comparisons, so that hostile distribution points and lists end early whatever the machine's speed. */
export class WorkBudget {
  #left: number

  constructor(limit: number = defaultWork) {
    this.#left = limit
  }

  /** @throws WorkExhausted */
  spend(units: number): void {
    this.#left -= units
    if (this.#left < 0) throw new WorkExhausted('revocation work budget')
  }
}
