import type { LogLevel } from './log-levels.ts'
import type { LogFields, Logger } from './observability.ts'
import type { Sanitizer } from './sanitizer.ts'

/** What each line of a process says besides its own fields. */
export interface LogBase {
  readonly service: string
  readonly environment: string
}

/** The part of a logger that differs between adapters: which levels count, and how a line gets out. */
export interface LineWriter {
  /** `namespace` is empty for lines of the process itself. */
  isEnabled(level: LogLevel, namespace: string): boolean
  /** `record` is finished: plain JSON without secrets. Called only for what is enabled. */
  write(level: LogLevel, message: string, record: Readonly<Record<string, unknown>>): void
}

/** Names that belong to the line itself. A field of such a name is kept under the name with `_` in front. */
const reserved: ReadonlySet<string> = new Set(['level', 'timestamp', 'message', 'namespace'])

/**
 * A logger over a line writer. Loggers are values: `child` copies its fields, nothing is looked up in the surroundings, so overlapping
 * requests that each have their own child never mix. Fields are cleaned, and those of a debug line made, when a line is written: a line that is
 * not costs one look at its level.
 */
export function createLogger(writer: LineWriter, sanitizer: Sanitizer, bound: LogFields = {}, namespace = ''): Logger {
  let own: Record<string, unknown> | undefined
  const ownFields = () => {
    own ??= { ...(namespace === '' ? {} : { namespace }), ...clean(sanitizer, bound) }
    return own
  }
  const at = (level: LogLevel) => (message: string, fields?: LogFields | (() => LogFields)) => {
    if (!writer.isEnabled(level, namespace)) return
    const given = typeof fields === 'function' ? fields() : fields
    const record = given === undefined ? ownFields() : { ...ownFields(), ...clean(sanitizer, given) }
    writer.write(level, sanitizer.text(String(message)), record)
  }
  return {
    debug: at('DEBUG'),
    info: at('INFO'),
    warn: at('WARN'),
    error: at('ERROR'),
    child: (fields, name = namespace) => createLogger(writer, sanitizer, { ...bound, ...fields }, name),
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
