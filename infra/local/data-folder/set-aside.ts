import { existsSync, renameSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { dataFolderUnusable } from './data-folder-error.ts'
import { holdDataFolder } from './hold-data-folder.ts'

/**
 * Moves the data folder and its secret aside, so that the next start begins anew. Nothing is deleted: moved back, all is as it was.
 * @param directory the data folder
 * @returns the new places, the data folder's first; empty when there is no such folder
 * @throws {MmfError} `data_folder_in_use` while a platform serves from it, `data_folder_unusable`
 */
export function setAside(directory: string, now: Date): readonly string[] {
  const data = resolve(directory)
  if (!existsSync(data)) return []
  // Held while it is moved, so that no start opens it half-way.
  const held = holdDataFolder(data)
  try {
    const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '')
    const secret = join(dirname(data), `${basename(data)}-secret`)
    return [data, secret].filter(existsSync).map(path => {
      const aside = `${path}-until-${stamp}`
      renameSync(path, aside)
      return aside
    })
  } catch (error) {
    throw dataFolderUnusable(data, error)
  } finally {
    held.release()
  }
}
