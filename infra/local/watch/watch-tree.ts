import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type FileWatch, fileStamp, watchStamp } from '@mmf/framework/embedded'

/** Folders that hold no code of a plugin's author. */
const isForeign = (name: string) => name === 'node_modules' || name.startsWith('.')

const isCode = /\.([cm]?[jt]s|json|ya?ml)$/

/** Calls `changed` once, `debounceMs` after the last of a burst of changes to code or a manifest below the folders. */
export function watchTree(roots: readonly string[], debounceMs: number, changed: () => void): FileWatch {
  return watchStamp({ stamp: () => roots.flatMap(codeBelow).map(fileStamp).join('\n'), debounceMs, changed })
}

function codeBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return isForeign(entry.name) ? [] : codeBelow(path)
      return isCode.test(entry.name) ? [path] : []
    })
  } catch {
    // It went away meanwhile: its files are missing from the next look.
    return []
  }
}
