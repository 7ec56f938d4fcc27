import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileStamp } from './file-stamp.ts'
import { type FileWatch, watchStamp } from './watch-stamp.ts'

/** Calls `changed` once, `debounceMs` after the last of a burst of changes to the files in the folders; a folder may be made later. */
export function watchFolders(folders: readonly string[], debounceMs: number, changed: () => void): FileWatch {
  return watchStamp({ stamp: () => folders.map(folderStamp).join('\n'), debounceMs, changed })
}

function folderStamp(folder: string): string {
  try {
    return readdirSync(folder)
      .map(name => fileStamp(join(folder, name)))
      .join('\n')
  } catch {
    return ''
  }
}
