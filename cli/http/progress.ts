/** Where progress is shown: standard error, so that what is piped stays clean. */
export interface ProgressStream {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export interface Progress {
  /** Shows a state; `of` is the whole, where it is known. */
  update(done: number, of: number | undefined, text: string): void
  /** Takes the bar away. */
  end(): void
}

const width = 24

/** A bar that stays in one line and vanishes at the end; nothing at all where the output is no terminal. */
export function createProgress(stream: ProgressStream): Progress {
  if (stream.isTTY !== true) return { update: () => {}, end: () => {} }
  return {
    update(done, of, text) {
      const filled = of === undefined || of === 0 ? 0 : Math.round((Math.min(done, of) / of) * width)
      const bar = of === undefined ? '' : `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] `
      stream.write(`\r\x1b[2K${bar}${text}`)
    },
    end: () => void stream.write('\r\x1b[2K'),
  }
}
