import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { throwIfAborted } from '../abort.ts'

interface Job {
  readonly work: () => void
  readonly signal: AbortSignal | undefined
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const maxBatch = 64
// SQLITE_BUSY, https://www.sqlite.org/rescode.html#busy; extended codes keep it in the low byte.
const sqliteBusy = 5

export interface CommitQueueOptions {
  /** Milliseconds to wait for another process's lock. */
  readonly busyTimeout: number
  /** Throws when the file of this connection is not the database any more: a commit would be lost with the process. */
  readonly checkFile: () => void
}

/**
 * Group commit: changes that wait at the same moment share one transaction and one fsync. Each answers only after that commit. A change that fails
 * its conditions has written nothing by then, so it does not disturb the others.
 */
export function createCommitQueue(connection: DatabaseSync, options: CommitQueueOptions) {
  let waiting: Job[] = []
  let draining: Promise<void> | undefined

  async function drain(): Promise<void> {
    // Lets the requests that are ready now join the batch.
    await new Promise<void>(resolve => setImmediate(resolve))
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch)
      waiting = waiting.slice(batch.length)
      await commit(connection, batch, options)
    }
    // In the same step as the last look at the queue, or a change could slip in between and wait for ever.
    draining = undefined
  }

  return {
    /** Runs `work` inside a transaction and resolves when it is on disk. `work` must decide before it writes. */
    run(work: () => void, signal?: AbortSignal): Promise<void> {
      return new Promise((resolve, reject) => {
        waiting.push({ work, signal, resolve, reject })
        draining ??= drain()
      })
    },
    /** Resolves when nothing waits any more. */
    async idle(): Promise<void> {
      while (draining !== undefined) await draining
    },
  }
}

async function commit(connection: DatabaseSync, batch: readonly Job[], options: CommitQueueOptions): Promise<void> {
  try {
    options.checkFile()
    await begin(connection, options.busyTimeout)
  } catch (cause) {
    for (const job of batch) job.reject(unavailable(cause))
    return
  }
  const outcomes: (() => void)[] = []
  try {
    for (const job of batch) outcomes.push(carryOut(job))
    connection.exec('COMMIT')
    // Again, for what happened meanwhile: what was written into a file without a name is not answered as done.
    options.checkFile()
  } catch (cause) {
    if (connection.isTransaction) connection.exec('ROLLBACK')
    for (const job of batch) job.reject(unavailable(cause))
    return
  }
  // Refusals wait for the commit too: they may rest on rows that an earlier change of the batch wrote.
  for (const settle of outcomes) settle()
}

function carryOut(job: Job): () => void {
  try {
    throwIfAborted(job.signal)
    job.work()
    return job.resolve
  } catch (error) {
    if (!isMmfError(error)) throw error
    return () => job.reject(error)
  }
}

/** Another process may hold the write lock: wait for it without blocking this one. */
async function begin(connection: DatabaseSync, busyTimeout: number): Promise<void> {
  const started = performance.now()
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    try {
      connection.exec('BEGIN IMMEDIATE')
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() - started >= busyTimeout) throw error
      await delay(pause)
    }
  }
}

function isBusy(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    (((error as { errcode?: number }).errcode ?? 0) & 0xff) === sqliteBusy
  )
}

/** Whatever SQLite reports (busy, disk full, damaged file): the change was not made. */
export function unavailable(cause: unknown): MmfError {
  return isMmfError(cause) ? cause : new MmfError('database_unavailable', { detail: 'the database file', cause })
}
