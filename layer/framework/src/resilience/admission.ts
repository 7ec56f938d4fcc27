import { MmfError } from '../errors/mmf-error.ts'

/** What gives way under load, the last first. */
export const loadClasses = ['verify', 'sign', 'import'] as const
export type LoadClass = (typeof loadClasses)[number]

/** Turns of one process. */
export interface Admission {
  /**
   * Waits for a turn, and answers how to give it back. Of those that wait, the class that comes first in {@link loadClasses} goes first, and in it the one with
   * the earliest deadline.
   * @throws {MmfError} `overloaded` at once where too many wait that go first, later where no turn came in time; `deadline_exceeded` when the signal aborts
   */
  enter(load: LoadClass, about: { readonly deadline: number; readonly signal: AbortSignal }): Promise<() => void>
}

export interface AdmissionOptions {
  /** Requests that are worked on at once. */
  readonly turns: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
}

interface Waiter {
  readonly load: LoadClass
  readonly deadline: number
  readonly start: () => void
  readonly refuse: (error: MmfError) => void
}

const rank = (load: LoadClass) => loadClasses.indexOf(load)

/** Of all turns, signing has at most three quarters and imports have an eighth, so that what goes first seldom waits for what gives way. */
const shares: Readonly<Record<LoadClass, number>> = { verify: 1, sign: 0.75, import: 0.125 }

const refusal = (why: string) => new MmfError('overloaded', { detail: why, headers: { 'retry-after': '1' } })

/** Bounds what one process works on at once, and chooses who waits and who is refused, before the work is done. */
export function createAdmission({ turns, maxWaiting, maxWaitMs }: AdmissionOptions): Admission {
  const mostOf = (load: LoadClass) => Math.max(1, Math.floor(turns * shares[load]))
  const running: Record<LoadClass, number> = { verify: 0, sign: 0, import: 0 }
  /** In the order in which they go. */
  const waiting: Waiter[] = []
  const isFree = (load: LoadClass) =>
    running.verify + running.sign + running.import < turns && running[load] < mostOf(load)

  /** @returns how to give the turn back; once is enough */
  const take = (load: LoadClass) => {
    running[load] += 1
    let held = true
    return () => {
      if (!held) return
      held = false
      running[load] -= 1
      const next = waiting.find(one => isFree(one.load))
      if (next !== undefined) next.start()
    }
  }
  const leave = (waiter: Waiter) => {
    const index = waiting.indexOf(waiter)
    if (index >= 0) waiting.splice(index, 1)
  }

  return {
    async enter(load, { deadline, signal }) {
      if (isFree(load) && !waiting.some(one => rank(one.load) <= rank(load))) return take(load)
      const last = waiting.at(-1)
      if (last !== undefined && waiting.length >= maxWaiting) {
        if (rank(last.load) <= rank(load)) throw refusal(`${maxWaiting} requests wait for a turn`)
        last.refuse(refusal('requests that go first came'))
      }
      if (maxWaiting === 0) throw refusal(`${turns} requests are being worked on`)
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      const onAbort = () => waiter.refuse(new MmfError('deadline_exceeded', { cause: signal.reason }))
      const timer = setTimeout(() => waiter.refuse(refusal(`no turn within ${maxWaitMs} ms`)), maxWaitMs)
      const end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        leave(waiter)
      }
      const waiter: Waiter = {
        load,
        deadline,
        start() {
          end()
          resolve(take(load))
        },
        refuse(error) {
          end()
          reject(error)
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      const place = waiting.findIndex(
        one => rank(one.load) > rank(load) || (one.load === load && one.deadline > deadline),
      )
      waiting.splice(place < 0 ? waiting.length : place, 0, waiter)
      if (signal.aborted) onAbort()
      return promise
    },
  }
}
