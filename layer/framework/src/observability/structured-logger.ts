import type { LogFields, Logger } from './observability.ts'
import type { Sanitizer } from './sanitizer.ts'

/** Least severe first. */
export const logLevels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const
export type LogLevel = (typeof logLevels)[number]

/** What each line of a process says besides its own fields. */
export interface LogBase {
  readonly service: string
  readonly environment: string
}

/** The part of a logger that differs between adapters: which levels count, and how a line gets out. */
export interface LineWriter {
  isEnabled(level: LogLevel): boolean
  /** `record` is finished: plain JSON without secrets. */
  write(level: LogLevel, message: string, record: Readonly<Record<string, unknown>>): void
}

/** Names that belong to the line itself. A field of such a name is kept under the name with `_` in front. */
const reserved: ReadonlySet<string> = new Set(['level', 'timestamp', 'message'])

/**
 * A logger over a line writer. Loggers are values: `child` copies its fields, nothing is looked up in the surroundings, so overlapping
 * requests that each have their own child never mix.
 */
export function createLogger(writer: LineWriter, sanitizer: Sanitizer, bound: LogFields = {}): Logger {
  const own = clean(sanitizer, bound)
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (!writer.isEnabled(level)) return
    const record = fields === undefined ? own : { ...own, ...clean(sanitizer, fields) }
    writer.write(level, sanitizer.text(String(message)), record)
  }
  return {
    debug: at('DEBUG'),
    info: at('INFO'),
    warn: at('WARN'),
    error: at('ERROR'),
    child: fields => createLogger(writer, sanitizer, { ...own, ...fields }),
  }
}

function clean(sanitizer: Sanitizer, fields: LogFields): Record<string, unknown> {
  const record = sanitizer.record(fields)
  for (const name of reserved) {
    if (!Object.hasOwn(record, name)) continue
    record[`_${name}`] = record[name]
    delete record[name]
  }
  return record
}
