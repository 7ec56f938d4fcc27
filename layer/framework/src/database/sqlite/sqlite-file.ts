import { type BigIntStats, statSync } from 'node:fs'

/** The database, its write-ahead log, and the index of the log that processes share (https://www.sqlite.org/walformat.html). */
const suffixes = ['', '-wal', '-shm'] as const

/**
 * A check that the files which were opened still lie in their places, and that the database has not become shorter. SQLite itself goes on with
 * open files that were deleted or replaced, and what is written then is gone after a restart. Only the directory entries are looked at, which
 * takes microseconds: to open and close a file here would drop SQLite's locks on it (POSIX locks belong to the process).
 * @returns a function that throws when a file is missing, another one, or shorter
 */
export function watchedFile(file: string): () => void {
  if (file === ':memory:') return () => {}
  const seen = new Map<string, BigIntStats>()
  const check = () => {
    for (const suffix of suffixes) {
      const path = `${file}${suffix}`
      const now = statSync(path, { bigint: true, throwIfNoEntry: false })
      checkSame(path, seen.get(suffix), now)
      if (now !== undefined) seen.set(suffix, now)
    }
    if (!seen.has('')) throw new Error(`${file} is gone`)
  }
  check()
  return check
}

function checkSame(path: string, before: BigIntStats | undefined, now: BigIntStats | undefined): void {
  if (before === undefined) return
  if (now === undefined) throw new Error(`${path} is gone`)
  if (now.ino !== before.ino || now.dev !== before.dev) throw new Error(`${path} is another file than the one opened`)
  // The log may be cut, by a checkpoint of another process; the database only grows.
  if (!path.endsWith('-wal') && now.size < before.size) throw new Error(`${path} has become shorter`)
}
