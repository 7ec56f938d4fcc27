import { isMmfError } from '@mmf/framework'
import { setAside } from '../../infra/local/data-folder/set-aside.ts'
import type { CommandResult } from '../result.ts'

/** `mmf-cli data begin-anew`: 0 the folder was moved aside; 1 it is in use, or cannot be moved; 2 there is none. */
export function beginAnew({ dataDirectory, now }: { dataDirectory: string; now: Date }): CommandResult {
  try {
    const moved = setAside(dataDirectory, now)
    if (moved.length === 0) return { stderr: `there is no data folder ${dataDirectory}\n`, exitCode: 2 }
    const next = 'the next start begins with new keys, and without the records of the old ones'
    return { stdout: `${moved.map(path => `kept in ${path}\n`).join('')}${next}\n`, exitCode: 0 }
  } catch (error) {
    if (!isMmfError(error)) throw error
    return { stderr: `${error.code}: ${error.message}\n`, exitCode: 1 }
  }
}
