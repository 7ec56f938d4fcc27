/** The bytes of bodies that are held at a time, over all requests. */
export interface ByteBudget {
  /** Takes so many more, or none. */
  take(bytes: number): boolean
  give(bytes: number): void
  readonly used: number
}

export function createByteBudget(limit: number): ByteBudget {
  let used = 0
  return {
    take(bytes) {
      if (used + bytes > limit) return false
      used += bytes
      return true
    },
    give(bytes) {
      used -= bytes
    },
    get used() {
      return used
    },
  }
}
