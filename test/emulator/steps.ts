/** Steps that are counted, each on a line of its own with the time that it took. */
export interface Steps {
  /** Runs one; its failure is printed and counted, and the next one runs. */
  run(name: string, work: () => void | Promise<void>): Promise<void>
  skip(reason: string): void
  failed(): number
  /** Prints the totals. @returns the exit code */
  finish(): number
}

export function createSteps(): Steps {
  let passed = 0
  let failed = 0
  const skipped: string[] = []
  const started = performance.now()
  const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1)
  return {
    async run(name, work) {
      const begun = performance.now()
      try {
        await work()
        passed += 1
        console.log(`✔ ${name} (${seconds(begun)} s)`)
      } catch (error) {
        failed += 1
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
        console.log(`✖ ${name} (${seconds(begun)} s)\n${text.replace(/^/gm, '    ')}`)
      }
    },
    skip: reason => void skipped.push(reason),
    failed: () => failed,
    finish() {
      for (const reason of skipped) console.log(`skipped ${reason}`)
      console.log(`in ${seconds(started)} s`)
      console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`)
      return failed === 0 ? 0 : 1
    },
  }
}
