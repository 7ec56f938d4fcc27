import { statSync } from 'node:fs'

/**
 * A check that the file which was opened still lies in its place. SQLite itself goes on with an open file that was deleted or replaced, and what is
 * written then is gone after a restart. Only the directory entry is looked at: to open and close the file here would drop SQLite's locks on it (POSIX locks belong
 * to the process).
 */
export function watchedFile(file: string): () => void {
  if (file === ':memory:') return () => {}
  const opened = statSync(file, { bigint: true })
  return () => {
    const now = statSync(file, { bigint: true })
    if (now.ino !== opened.ino || now.dev !== opened.dev) throw new Error(`${file} is another file than the one opened`)
  }
}
