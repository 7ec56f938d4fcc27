/** Something to measure; what it gives back is checked once, before. */
export interface Subject {
  readonly name: string
  run(): unknown
  /** Calls per turn; about equal in time to the others. */
  readonly calls: number
}

export interface Rate {
  readonly name: string
  /** Median over the rounds. */
  readonly perSecond: number
}

/**
 * Rates measured in turns, so that whatever else the machine does hits all alike. Ratios of medians are what counts; the rates are
 * this machine's. The first rounds warm up and do not count.
 * @param clock milliseconds; default the time that passes. Each turn must be long against its steps.
 */
export async function measure(
  subjects: readonly Subject[],
  milliseconds: number,
  clock: () => number = () => performance.now(),
): Promise<readonly Rate[]> {
  const samples = subjects.map((): number[] => [])
  const warmUp = 2
  const end = performance.now() + milliseconds
  for (let round = 0; round < warmUp + 3 || performance.now() < end; round++) {
    for (const [index, { run, calls }] of subjects.entries()) {
      const started = clock()
      for (let call = 0; call < calls; call++) {
        const result = run()
        if (result instanceof Promise) await result
      }
      if (round >= warmUp) samples[index]?.push((calls / (clock() - started)) * 1000)
    }
  }
  return subjects.map(({ name }, index) => ({ name, perSecond: median(samples[index] ?? []) }))
}

/** Milliseconds of processor time of this thread, in steps of a few: unlike the time that passes, it stands still while others run. */
export function processorTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
