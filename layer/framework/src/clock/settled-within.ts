/** Waits until `work` has ended, well or not, but at most `ms` milliseconds. The work goes on; its error is its owner's. */
export async function settledWithin(work: Promise<unknown>, ms: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const ended = work.then(
    () => {},
    () => {},
  )
  try {
    await Promise.race([ended, late])
  } finally {
    clearTimeout(timer)
  }
}
