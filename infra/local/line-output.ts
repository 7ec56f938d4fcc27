import { fstatSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { LineSink } from '@mmf/framework/embedded'

export interface LineOutput {
  readonly write: LineSink
  /** Lines lost since the start of the process. */
  lost(): number
}

export interface LineOutputOptions {
  /** Default 1, the standard output. */
  readonly descriptor?: number
  /** Called with the number of lines that were lost, after the first line that could be written again. */
  readonly onRecovery: (lines: number) => void
}

/**
 * The log of a process that serves on when its log cannot be written: a line that cannot be written is dropped and counted, and the next one
 * is tried again. A file is written through its descriptor, since a stream of Node writes nothing more after its first error.
 */
export function openLineOutput({ descriptor = 1, onRecovery }: LineOutputOptions): LineOutput {
  let inARow = 0
  let lost = 0
  let torn = false
  const write = isFile(descriptor) ? toFile(descriptor) : toStream(process.stdout)

  return {
    write(line) {
      try {
        // A line of which only a part was written must not run into the next one.
        write(torn ? `\n${line}` : line)
      } catch (error) {
        torn ||= error instanceof TornLine
        inARow += 1
        lost += 1
        return
      }
      torn = false
      if (inARow === 0) return
      const lines = inARow
      const before = lost
      inARow = 0
      onRecovery(lines)
      // The notice is a line, too: where it was lost, the next one says all.
      if (lost > before) inARow += lines
    },
    lost: () => lost,
  }
}

class TornLine extends Error {}

/** Also a device such as `/dev/full`: everything that Node writes to synchronously, except terminals. */
function isFile(descriptor: number): boolean {
  const status = fstatSync(descriptor)
  return status.isFile() || (status.isCharacterDevice() && !isatty(descriptor))
}

/** @throws {TornLine} when a part was written; the error of the system when nothing was */
function toFile(descriptor: number): LineSink {
  return line => {
    const bytes = Buffer.from(line)
    let written = 0
    while (written < bytes.length) {
      try {
        written += writeSync(descriptor, bytes, written)
      } catch (cause) {
        throw written === 0 ? cause : new TornLine('a part of a line was written', { cause })
      }
    }
  }
}

/** A pipe or a terminal. Its reader may go away (`npm start | head`): then nothing can be written any more. */
function toStream(stream: NodeJS.WriteStream): LineSink {
  let failure: Error | undefined
  stream.on('error', error => {
    failure = error
  })
  return line => {
    if (failure !== undefined) throw failure
    stream.write(line)
  }
}
