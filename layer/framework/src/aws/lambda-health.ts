import type { Clock } from '../clock/clock.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { PluginHealth } from '../health/health.ts'
import type { HttpPlatform } from '../http/platform.ts'
import { invokeService, type LambdaTransportOptions } from './lambda-transport.ts'

export interface LambdaHealthOptions extends LambdaTransportOptions {
  readonly clock: Clock
  /** Milliseconds for which an answer serves other askers too. Default 5,000. */
  readonly maxAgeMs?: number
}

/** Longest wait for one function, in milliseconds. It leaves room for a cold start. */
const timeoutMs = 5_000

/**
 * Asks the function of a service how it is, by Lambda Invoke. Health routes are public: however many ask, a function is invoked once at a time,
 * and its answer, good or bad, serves for `maxAgeMs`.
 */
export function createLambdaHealth(options: LambdaHealthOptions): NonNullable<HttpPlatform['askHealth']> {
  const { clock, maxAgeMs = 5_000 } = options
  const asked = new Map<string, { readonly answer: Promise<PluginHealth>; endedAt?: number }>()

  const ask = async (plugin: string, name: string): Promise<PluginHealth> => {
    const answer = await invokeService(options, name, { mmf: 'health' }, AbortSignal.timeout(timeoutMs))
    const health = (answer as Readonly<Record<string, PluginHealth>> | null)?.[plugin]
    if (health === undefined)
      throw new MmfError('service_unavailable', { detail: `${name} says nothing of its health` })
    return health
  }
  return (plugin, service) => {
    const name = `${plugin}.${service}`
    const last = asked.get(name)
    const age = last?.endedAt === undefined ? 0 : clock.now().getTime() - last.endedAt
    // A negative age: the clock was set back.
    if (last !== undefined && age >= 0 && (last.endedAt === undefined || age < maxAgeMs)) return last.answer
    const current: { readonly answer: Promise<PluginHealth>; endedAt?: number } = { answer: ask(plugin, name) }
    const end = () => {
      current.endedAt = clock.now().getTime()
    }
    current.answer.then(end, end)
    asked.set(name, current)
    return current.answer
  }
}
