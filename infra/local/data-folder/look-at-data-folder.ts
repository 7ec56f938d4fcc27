import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { contentsOf } from './check-data-folder.ts'
import { dataFolderUnusable } from './data-folder-error.ts'
import { holderNow } from './hold-data-folder.ts'

/** What a start would find: no folder, which it makes; one that it can use; one that another process uses. */
export interface DataFolderState {
  readonly state: 'absent' | 'usable' | 'held'
  /** The process that uses it, where that is known. */
  readonly holder?: number | string
}

/**
 * Looks at a data folder as a start does, and changes nothing.
 * @throws {MmfError} `data_folder_unusable`, `data_folder_incomplete`
 */
export function lookAtDataFolder(directory: string): DataFolderState {
  try {
    if (!existsSync(directory)) {
      accessSync(firstThere(dirname(directory)), constants.W_OK | constants.X_OK)
      return { state: 'absent' }
    }
    if (!statSync(directory).isDirectory()) throw Object.assign(new Error('a file'), { code: 'ENOTDIR' })
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    const holder = holderNow(directory)
    if (holder !== undefined) return { state: 'held', holder }
  } catch (error) {
    throw dataFolderUnusable(directory, error)
  }
  contentsOf(directory)
  return { state: 'usable' }
}

const firstThere = (folder: string): string =>
  existsSync(folder) || folder === dirname(folder) ? folder : firstThere(dirname(folder))
