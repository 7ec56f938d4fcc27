import type { Clock } from '../clock/clock.ts'
import type { Logger } from '../observability/observability.ts'
import type { HealthResult } from './health.ts'

type Check = (signal: AbortSignal) => Promise<HealthResult>

export interface SharedChecksOptions {
  readonly clock: Clock
  readonly logger: Pick<Logger, 'warn'>
  /** Milliseconds for which an answer serves other askers too. Default 1,000. */
  readonly maxAgeMs?: number
}

/**
 * Checks of ports that cost one call however many ask: askers share the check that is under way, and its answer for `maxAgeMs`. Health routes
 * are public, and a check of the keys is a call per key to a service with a quota. What is wrong is logged once per check, in full:
 * the health routes show fixed texts only.
 */
export function sharedChecks<Name extends string>(
  checks: Readonly<Record<Name, Check>>,
  { clock, logger, maxAgeMs = 1000 }: SharedChecksOptions,
): Readonly<Record<Name, Check>> {
  const share = (port: string, check: Check): Check => {
    let last: { readonly signal: AbortSignal; readonly answer: Promise<HealthResult>; endedAt?: number } | undefined

    const begin = (signal: AbortSignal): Promise<HealthResult> => {
      const answer = logged(port, check, signal, logger)
      const current: NonNullable<typeof last> = { signal, answer }
      last = current
      const end = () => {
        current.endedAt = clock.now().getTime()
      }
      answer.then(end, end)
      return answer
    }
    return signal => {
      if (last === undefined) return begin(signal)
      const { endedAt } = last
      if (endedAt !== undefined) {
        const age = clock.now().getTime() - endedAt
        // A negative age: the clock was set back.
        return age >= 0 && age < maxAgeMs ? last.answer : begin(signal)
      }
      // A check that hangs past its time limit is given up: no caller waits for it any longer.
      return last.signal.aborted ? begin(signal) : last.answer
    }
  }
  const names = Object.keys(checks) as Name[]
  return Object.fromEntries(names.map(name => [name, share(name, checks[name])])) as Record<Name, Check>
}

async function logged(
  port: string,
  check: Check,
  signal: AbortSignal,
  logger: Pick<Logger, 'warn'>,
): Promise<HealthResult> {
  try {
    const result = await check(signal)
    if (result.status !== 'healthy') logger.warn('a port is not healthy', { port, ...result })
    return result
  } catch (error) {
    logger.warn('a port is not healthy', { port, error })
    throw error
  }
}
