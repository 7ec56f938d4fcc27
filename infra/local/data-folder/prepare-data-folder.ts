import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, type Stats, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataFolderUnusable } from './data-folder-error.ts'

/**
 * Folders whose entries are mended, too; content of blobs lies deeper, behind their modes. The key of the token issuer is not among them: it is not
 * sealed, so one that others could read is refused where it is opened.
 */
const parts = ['keys', 'blobs']

/**
 * Makes the data folder, or checks one that is there: a folder, which this user can write, and which no other user can read. Folders and files
 * of earlier versions, or copied in, that others can read are mended (0700, 0600).
 * @returns the paths whose modes were changed
 * @throws {MmfError} `data_folder_unusable`
 */
export function prepareDataFolder(directory: string): readonly string[] {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const mended = process.platform === 'win32' ? [] : ownersOnly(directory)
    tryToWrite(directory)
    return mended
  } catch (error) {
    throw dataFolderUnusable(directory, error)
  }
}

/** Windows has no such bits: there the access control of the folder has to do it. */
function ownersOnly(directory: string): readonly string[] {
  const files = (folder: string) => readdirSync(folder).map(name => join(folder, name))
  const folders = parts.map(name => join(directory, name)).filter(path => lstatOf(path)?.isDirectory())
  const paths = [directory, ...files(directory), ...folders.flatMap(files)]
  return paths.filter(path => mend(path, lstatOf(path)))
}

const lstatOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false })

/** Whether there was anything to change. A link is left alone: its own mode means nothing. */
function mend(path: string, status: Stats | undefined): boolean {
  if (status === undefined || !(status.isFile() || status.isDirectory()) || (status.mode & 0o077) === 0) return false
  chmodSync(path, status.mode & 0o700)
  return true
}

/** A folder may belong to its user and be on a disk that takes nothing: that is seen now, and not by the first request. */
function tryToWrite(directory: string): void {
  const probe = join(directory, `.probe-${process.pid}`)
  writeFileSync(probe, 'x', { mode: 0o600 })
  rmSync(probe)
}
