import { once } from 'node:events'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import type { CommandResult } from './result.ts'
import { incomplete } from './unreadable.ts'

export async function toStdout(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** Writes beside the file and renames at the end: what was there stays until the new one is whole. */
export async function intoFile(
  path: string,
  work: (write: (text: string) => Promise<void>) => Promise<CommandResult>,
): Promise<CommandResult> {
  const part = `${path}.part`
  const file = openSync(part, 'w', 0o600)
  try {
    const result = await work(async text => void writeSync(file, text))
    fsyncSync(file)
    if (result.exitCode === 0 || result.exitCode === incomplete) renameSync(part, path)
    return result
  } finally {
    closeSync(file)
    rmSync(part, { force: true })
  }
}
