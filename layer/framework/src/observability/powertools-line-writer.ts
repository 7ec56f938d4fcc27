import { LogFormatter, LogItem, Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger'
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types'
import { defined } from '../defined.ts'
import { type LogLevel, type LogLevels, logLevels } from './log-levels.ts'
import type { LineWriter, LogBase } from './structured-logger.ts'

export interface PowertoolsLineWriterOptions {
  readonly base: LogBase
  /**
   * The least severe levels that are written. Lambda's own log level setting and `POWERTOOLS_LOG_LEVEL` come before that of everything; a namespace
   * with a level of its own has that one, as far as Lambda's setting lets lines through.
   */
  readonly levels: LogLevels
  /** Whether the function has not finished a request yet. */
  readonly isColdStart: () => boolean
}

/**
 * The same line as the JSON writer makes, through AWS Lambda Powertools: its levels (Lambda's Advanced Logging Controls among them) and
 * its sampling of debug lines by `POWERTOOLS_LOGGER_SAMPLE_RATE`. On AWS a line says besides whether the start was cold and the id of
 * its X-Ray trace.
 *
 * Lines go to standard output, warnings and errors to standard error; Lambda puts both into the function's log group.
 *
 * There is one Powertools logger, and each line brings all its fields along: its own child loggers cost ten times a line.
 */
export function createPowertoolsLineWriter(options: PowertoolsLineWriterOptions): LineWriter {
  const { base, levels, isColdStart } = options
  const logFormatter = new PlatformFormatter(base, isColdStart)
  const made = (logLevel: LogLevel) => new PowertoolsLogger({ serviceName: base.service, logLevel, logFormatter })
  const logger = made(levels.level)
  // For lines that a namespace lets through and the level of everything would not.
  let verbose: PowertoolsLogger | undefined
  return {
    isEnabled: (asked, namespace) =>
      logLevels.indexOf(asked) >= logLevels.indexOf(levels.of(namespace) ?? thresholdOf(logger)),
    write(at, message, record) {
      const isBelow = logLevels.indexOf(at) < logLevels.indexOf(thresholdOf(logger))
      if (isBelow) verbose ??= made('DEBUG')
      const writer = isBelow && verbose !== undefined ? verbose : logger
      // One member, because Powertools drops and warns about fields named like its own.
      writer[methods[at]](message, { record })
    },
  }
}

const methods = { DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const

/** Powertools knows three levels more. */
function thresholdOf(logger: PowertoolsLogger): LogLevel {
  const name = logger.getLevelName()
  if (name === 'TRACE') return 'DEBUG'
  return name === 'CRITICAL' || name === 'SILENT' ? 'ERROR' : name
}

class PlatformFormatter extends LogFormatter {
  readonly #base: LogBase
  readonly #isColdStart: () => boolean

  constructor(base: LogBase, isColdStart: () => boolean) {
    super()
    this.#base = base
    this.#isColdStart = isColdStart
  }

  override formatAttributes(attributes: UnformattedAttributes, additional: LogAttributes): LogItem {
    const { record, ...others } = additional
    return new WholeItem({
      attributes: {
        level: attributes.logLevel,
        timestamp: attributes.timestamp.toISOString(),
        message: attributes.message,
        ...this.#base,
        coldStart: this.#isColdStart(),
        ...defined({ xrayTraceId: attributes.xRayTraceId }),
        ...others,
        ...(record as Record<string, unknown> | undefined),
      },
    })
  }
}

/** Powertools leaves out members that are null or empty; both writers keep them. */
class WholeItem extends LogItem {
  override prepareForPrint(): void {}
}
