/** What was built, and whether it should be built anew. */
export interface Outdatable {
  /** Whether what it was built from has changed since. */
  outdated(): Promise<boolean>
  /** Notes that it goes on serving, because its successor could not be built. */
  stays(error: unknown): void
}

/**
 * Builds when it is asked for the first time, and anew when what it has is outdated. A first build that fails is tried again by the next caller; where a
 * later one fails, what is there goes on serving.
 */
export function renewed<T extends Outdatable>(build: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined
  const first = () => {
    current ??= build().catch(error => {
      current = undefined
      throw error
    })
    return current
  }
  return async () => {
    const building = first()
    const built = await building
    // Of callers at the same time one builds, and the others are served by what is there.
    if (current !== building || !(await built.outdated())) return built
    current = build().catch(error => {
      built.stays(error)
      return built
    })
    return current
  }
}
