/** Least severe first. */
export const logLevels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const
export type LogLevel = (typeof logLevels)[number]

/** Levels by namespace, such as `framework.plugins` or `plugins.marty.trust_anchor`. */
export type NamespaceLevels = Readonly<Record<string, LogLevel>>

/** What decides about lines: the level of everything, and levels of namespaces. */
export interface LevelSettings {
  readonly level: LogLevel
  readonly levels: NamespaceLevels
}

/**
 * The levels of one process. A namespace has the level of its longest prefix, in whole segments: `plugins.marty` counts for
 * `plugins.marty.pkd`. Those that were set at run time come before those of the configuration, whatever their length.
 */
export interface LogLevels {
  /** The level of a namespace; undefined where neither a setting nor a change names it or what is above it. */
  of(namespace: string): LogLevel | undefined
  /** The level of everything else. */
  readonly level: LogLevel
  /** Takes the settings of a configuration in place of those before. What was set at run time stays. */
  configure(settings: LevelSettings): void
  /** Takes these in place of all that were set at run time; none goes back to the configuration. */
  override(levels: NamespaceLevels): void
  readonly configured: LevelSettings
  readonly overrides: NamespaceLevels
}

export const defaultLevels: LevelSettings = { level: 'INFO', levels: {} }

/** Namespaces are fixed by programs, so there are few; more than these are looked up each time. */
const maxRemembered = 1000

export function createLogLevels(initial: LevelSettings): LogLevels {
  let configured = initial
  let overrides: NamespaceLevels = {}
  let known = new Map<string, LogLevel | undefined>()

  return {
    of(namespace) {
      if (known.has(namespace)) return known.get(namespace)
      const level = longestPrefix(namespace, overrides) ?? longestPrefix(namespace, configured.levels)
      if (known.size < maxRemembered) known.set(namespace, level)
      return level
    },
    get level() {
      return configured.level
    },
    configure(settings) {
      configured = settings
      known = new Map()
    },
    override(levels) {
      overrides = { ...levels }
      known = new Map()
    },
    get configured() {
      return configured
    },
    get overrides() {
      return overrides
    },
  }
}

function longestPrefix(namespace: string, levels: NamespaceLevels): LogLevel | undefined {
  for (let end = namespace.length; end > 0; end = namespace.lastIndexOf('.', end - 1)) {
    const prefix = namespace.slice(0, end)
    if (Object.hasOwn(levels, prefix)) return levels[prefix]
  }
  return undefined
}
