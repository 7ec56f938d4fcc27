import { once } from 'node:events'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { failure } from './failure.ts'
import type { CommandResult } from './result.ts'
import { incomplete } from './unreadable.ts'

type Write = (text: string) => Promise<void>

async function toStdout(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** Runs a command that writes piece by piece, to standard output or into a file. @throws {Failure} `output_unwritable` */
export function writing(
  path: string | undefined,
  work: (write: Write) => Promise<CommandResult>,
): Promise<CommandResult> {
  return path === undefined ? work(toStdout) : intoFile(path, work)
}

/** Text as the answer, or into a file. @throws {Failure} `output_unwritable` */
export async function intoFileOr(path: string | undefined, text: string): Promise<CommandResult> {
  if (path === undefined) return { stdout: text, exitCode: 0 }
  return intoFile(path, async write => {
    await write(text)
    return { exitCode: 0 }
  })
}

/** Writes beside the file and renames at the end: what was there stays until the new one is whole. */
async function intoFile(path: string, work: (write: Write) => Promise<CommandResult>): Promise<CommandResult> {
  const part = `${path}.part`
  const file = onDisk(path, () => openSync(part, 'w', 0o600))
  try {
    const result = await work(async text => void onDisk(path, () => writeSync(file, text)))
    onDisk(path, () => fsyncSync(file))
    if (result.exitCode === 0 || result.exitCode === incomplete) onDisk(path, () => renameSync(part, path))
    return result
  } finally {
    closeSync(file)
    rmSync(part, { force: true })
  }
}

function onDisk<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) throw error
    throw failure('output_unwritable', `${path} cannot be written (${error.code})`, error)
  }
}
