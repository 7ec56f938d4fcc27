import type { LevelSettings, LogLevel, NamespaceLevels } from '../observability/log-levels.ts'

/** Segments of lower-case letters, digits and underscores, joined by dots. */
export const logNamespace = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*$/

/** The section `logging` as the loggers take it. */
export function levelSettings(logging: {
  readonly level: Lowercase<LogLevel>
  readonly levels: Readonly<Record<string, Lowercase<LogLevel>>>
}): LevelSettings {
  return { level: logging.level.toUpperCase() as LogLevel, levels: upperCase(logging.levels) }
}

/** Levels as they are written, in the form that loggers take. */
export function upperCase(levels: Readonly<Record<string, Lowercase<LogLevel>>>): NamespaceLevels {
  return Object.fromEntries(Object.entries(levels).map(([name, level]) => [name, level.toUpperCase() as LogLevel]))
}

/** The same as they are written. */
export function lowerCase(levels: NamespaceLevels): Readonly<Record<string, Lowercase<LogLevel>>> {
  return Object.fromEntries(
    Object.entries(levels).map(([name, level]) => [name, level.toLowerCase() as Lowercase<LogLevel>]),
  )
}
