/** An operation to be run at regular times. */
export interface LocalSchedule {
  readonly operation: string
  readonly everyMinutes: number
  run(): Promise<void>
}

/** Calls back once after so many milliseconds; the answer takes it back. */
export type Later = (callback: () => void, ms: number) => () => void

const systemLater: Later = (callback, ms) => {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}

/**
 * Runs each operation every so many minutes, the first time after one interval. The next run is planned when the last one has ended, so that
 * no two overlap. A run that fails has been logged by its function.
 */
export function startSchedules(
  schedules: readonly LocalSchedule[],
  later: Later = systemLater,
): { stop(): Promise<void> } {
  const pending = new Map<LocalSchedule, () => void>()
  const running = new Set<Promise<void>>()
  let stopped = false
  const plan = (schedule: LocalSchedule) => {
    if (!stopped)
      pending.set(
        schedule,
        later(() => begin(schedule), schedule.everyMinutes * 60_000),
      )
  }
  const begin = (schedule: LocalSchedule) => {
    pending.delete(schedule)
    const run = schedule.run().catch(() => {})
    running.add(run)
    void run.then(() => {
      running.delete(run)
      plan(schedule)
    })
  }
  for (const schedule of schedules) plan(schedule)
  return {
    /** No run begins any more; those at work are waited for. */
    async stop() {
      stopped = true
      for (const cancel of pending.values()) cancel()
      pending.clear()
      await Promise.all(running)
    },
  }
}
