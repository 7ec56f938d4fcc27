import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'

/** Folders that hold no code of a plugin's author. */
const isForeign = (name: string) => name === 'node_modules' || name.startsWith('.')

const isCode = /\.([cm]?[jt]s|json|ya?ml)$/

/**
 * Calls `changed` after each change of code or a manifest below the folders. Each folder is watched by itself: editors put a new file in the place of
 * the old one, which a watch of the file would not survive. Does not keep the process alive.
 */
export function watchTree(roots: readonly string[], changed: () => void): { close(): void } {
  const watchers = new Map<string, FSWatcher>()
  const scan = () => {
    const there = new Map(roots.flatMap(foldersBelow))
    for (const [id, watcher] of watchers) {
      if (there.has(id)) continue
      watcher.close()
      watchers.delete(id)
    }
    for (const [id, folder] of there) {
      if (watchers.has(id)) continue
      // A folder that goes away is noticed by the one above it.
      watchers.set(
        id,
        watch(folder, { persistent: false }, onEvent).on('error', () => {}),
      )
    }
  }
  const onEvent = (_: string, name: string | null) => {
    if (name !== null && isForeign(name)) return
    const before = [...watchers.keys()].join()
    scan()
    if (name === null || isCode.test(name) || before !== [...watchers.keys()].join()) changed()
  }
  scan()
  return {
    close() {
      for (const watcher of watchers.values()) watcher.close()
      watchers.clear()
    },
  }
}

/** A folder and those in it, by path and inode: one that was removed and made again is another. */
function foldersBelow(folder: string): (readonly [id: string, folder: string])[] {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (!found?.isDirectory()) return []
  try {
    const inner = readdirSync(folder, { withFileTypes: true }).filter(
      entry => entry.isDirectory() && !isForeign(entry.name),
    )
    return [[`${folder} ${found.ino}`, folder], ...inner.flatMap(({ name }) => foldersBelow(join(folder, name)))]
  } catch {
    // It went away meanwhile, which is a change of its own.
    return []
  }
}
