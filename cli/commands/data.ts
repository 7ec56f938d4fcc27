import { setAside } from '../../infra/local/data-folder/set-aside.ts'
import { failure } from '../failure.ts'
import { failureOf } from '../mmf-failure.ts'
import type { CommandResult } from '../result.ts'

interface BeginAnewOptions {
  readonly dataDirectory: string
  readonly now: Date
  readonly json?: boolean
}

/** Where the local platform keeps its data: the option, MARTY_DATA_DIR, or `.marty`. */
export function dataFolderOf(option: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  return option ?? env['MARTY_DATA_DIR'] ?? '.marty'
}

/** `mmf-cli data begin-anew`: 0 the folder was moved aside. @throws {Failure} `data_folder_…` */
export function beginAnew({ dataDirectory, now, json = false }: BeginAnewOptions): CommandResult {
  try {
    const moved = setAside(dataDirectory, now)
    if (moved.length === 0) throw failure('data_folder_missing', `there is no data folder ${dataDirectory}`)
    if (json) return { stdout: `${JSON.stringify({ kept: moved }, undefined, 2)}\n`, exitCode: 0 }
    const next = 'the next start begins with new keys, and without the records of the old ones'
    return { stdout: `${moved.map(path => `kept in ${path}\n`).join('')}${next}\n`, exitCode: 0 }
  } catch (error) {
    throw failureOf(error)
  }
}
