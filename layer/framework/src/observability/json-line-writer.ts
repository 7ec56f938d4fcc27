import type { Clock } from '../clock/clock.ts'
import type { LineSink } from './line-sink.ts'
import { type LineWriter, type LogBase, type LogLevel, logLevels } from './structured-logger.ts'

export interface JsonLineWriterOptions {
  readonly base: LogBase
  readonly sink: LineSink
  readonly clock: Clock
  /** The least severe level that is written. Default `INFO`. */
  readonly level?: LogLevel
}

/** One JSON object per line: `level`, `timestamp` (RFC 3339, milliseconds), `message`, `service`, `environment`, then the fields. */
export function createJsonLineWriter({ base, sink, clock, level = 'INFO' }: JsonLineWriterOptions): LineWriter {
  const threshold = logLevels.indexOf(level)
  return {
    isEnabled: asked => logLevels.indexOf(asked) >= threshold,
    write(at, message, record) {
      const line = { level: at, timestamp: clock.now().toISOString(), message, ...base, ...record }
      sink(`${JSON.stringify(line)}\n`)
    },
  }
}
