import { existsSync, type FSWatcher, watch } from 'node:fs'

export interface ConfigWatch {
  close(): void
}

/** Calls `changed` once, `debounceMs` after the last of a burst of changes in the folders. Does not keep the process alive. */
export function watchFolders(folders: readonly string[], debounceMs: number, changed: () => void): ConfigWatch {
  let timer: NodeJS.Timeout | undefined
  const onEvent = () => {
    clearTimeout(timer)
    timer = setTimeout(changed, debounceMs).unref()
  }
  // Without plugins there need be no folder for theirs.
  const there = folders.filter(folder => existsSync(folder))
  const watchers: FSWatcher[] = there.map(folder => watch(folder, { persistent: false }, onEvent))
  return {
    close: () => {
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
    },
  }
}
