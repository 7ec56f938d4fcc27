import type { Clock } from '../clock/clock.ts'
import type { LineSink } from './line-sink.ts'
import { type LogLevels, logLevels } from './log-levels.ts'
import type { LineWriter, LogBase } from './structured-logger.ts'

export interface JsonLineWriterOptions {
  readonly base: LogBase
  readonly sink: LineSink
  readonly clock: Clock
  readonly levels: LogLevels
}

/** One JSON object per line: `level`, `timestamp` (RFC 3339, milliseconds), `message`, `service`, `environment`, then the fields. */
export function createJsonLineWriter({ base, sink, clock, levels }: JsonLineWriterOptions): LineWriter {
  return {
    isEnabled: (asked, namespace) =>
      logLevels.indexOf(asked) >= logLevels.indexOf(levels.of(namespace) ?? levels.level),
    write(at, message, record) {
      const line = { level: at, timestamp: clock.now().toISOString(), message, ...base, ...record }
      sink(`${JSON.stringify(line)}\n`)
    },
  }
}
