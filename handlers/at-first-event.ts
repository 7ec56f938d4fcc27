type Serve<Args extends readonly unknown[], Result> = (...args: Args) => Promise<Result>

/** Builds what a function needs when its first event comes. A build that fails fails that event, and the next one tries again. */
export function atFirstEvent<Args extends readonly unknown[], Result>(
  build: () => Promise<Serve<Args, Result>>,
): Serve<Args, Result> {
  let built: Promise<Serve<Args, Result>> | undefined
  return async (...args) => {
    built ??= build().catch(error => {
      built = undefined
      throw error
    })
    return (await built)(...args)
  }
}
