import type { Clock } from '../clock/clock.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { invokeService, type LambdaTransportOptions } from './lambda-transport.ts'

export interface LambdaQuestionsOptions extends LambdaTransportOptions {
  readonly clock: Clock
  /** Milliseconds for which an answer serves other askers too. Default 5,000. */
  readonly maxAgeMs?: number
}

/** Longest wait for one function, in milliseconds. It leaves room for a cold start. */
const timeoutMs = 5_000

/**
 * Asks the function of a service how it is, or whether it is ready, by Lambda Invoke. The routes are public: however many ask, a function is invoked once at a
 * time, and its answer, good or bad, serves for `maxAgeMs`.
 */
export function createLambdaQuestions<Answer>(
  question: 'health' | 'ready',
  options: LambdaQuestionsOptions,
): (plugin: string, service: string) => Promise<Answer> {
  const { clock, maxAgeMs = 5_000 } = options
  const asked = new Map<string, { readonly answer: Promise<Answer>; endedAt?: number }>()

  const ask = async (plugin: string, name: string): Promise<Answer> => {
    const answer = await invokeService(options, name, { mmf: question }, AbortSignal.timeout(timeoutMs))
    const found = (answer as Readonly<Record<string, Answer>> | null)?.[plugin]
    if (found === undefined)
      throw new MmfError('service_unavailable', { detail: `${name} says nothing of its ${question}` })
    return found
  }
  return (plugin, service) => {
    const name = `${plugin}.${service}`
    const last = asked.get(name)
    const age = last?.endedAt === undefined ? 0 : clock.now().getTime() - last.endedAt
    // A negative age: the clock was set back.
    if (last !== undefined && age >= 0 && (last.endedAt === undefined || age < maxAgeMs)) return last.answer
    const current: { readonly answer: Promise<Answer>; endedAt?: number } = { answer: ask(plugin, name) }
    const end = () => {
      current.endedAt = clock.now().getTime()
    }
    current.answer.then(end, end)
    asked.set(name, current)
    return current.answer
  }
}
