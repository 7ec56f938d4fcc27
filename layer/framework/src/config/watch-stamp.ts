export interface FileWatch {
  close(): void
}

export interface WatchOptions {
  /** Reads what is watched and answers a text that differs after each change of it. Called often: it must be quick, and must not throw. */
  readonly stamp: () => string
  /** Called once, `debounceMs` after the last of a burst of changes. */
  readonly changed: () => void
  readonly debounceMs: number
  /** Default 200 ms. */
  readonly everyMs?: number
}

/**
 * Watches files by looking at them again and again. Notices of the operating system are cheaper, but they are limited in number for all programs of a
 * user together (inotify), and do not come from network file systems and some mounts of containers: there a saved file would never take effect.
 * Does not keep the process alive.
 */
export function watchStamp({ stamp, changed, debounceMs, everyMs = 200 }: WatchOptions): FileWatch {
  let last = stamp()
  let settling: NodeJS.Timeout | undefined
  const look = () => {
    const now = stamp()
    if (now === last) return
    last = now
    clearTimeout(settling)
    settling = setTimeout(changed, debounceMs).unref()
  }
  const looking = setInterval(look, everyMs).unref()
  return {
    close() {
      clearInterval(looking)
      clearTimeout(settling)
    },
  }
}
