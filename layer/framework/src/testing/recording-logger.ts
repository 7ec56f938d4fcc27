import { defined } from '../defined.ts'
import type { LogFields, Logger } from '../observability/observability.ts'

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

/** A logger that keeps its lines for a test to look at. */
export interface RecordingLogger extends Logger {
  readonly lines: readonly LoggedLine[]
}

export function createRecordingLogger(lines: LoggedLine[] = [], bound: LogFields = {}): RecordingLogger {
  const log =
    (level: LoggedLine['level']) =>
    (message: string, fields: LogFields | (() => LogFields) = {}) =>
      void lines.push({ level, message, fields: { ...bound, ...madeFields(fields) } })
  return {
    lines,
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (fields, namespace) => createRecordingLogger(lines, { ...bound, ...fields, ...defined({ namespace }) }),
  }
}

/** The fields of a line; those of a debug line may be made when it is written. */
export const madeFields = (fields: LogFields | (() => LogFields)): LogFields =>
  typeof fields === 'function' ? fields() : fields
