import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Rate } from './pki/measure.ts'
import { atMost, type BenchResult } from './result.ts'

/** What a call costs, in time of the processor: a bare handler, a bare Middy, an operation by itself, and the full handler with a log line and two metrics. */
export async function benchOverhead(milliseconds = 6000): Promise<readonly BenchResult[]> {
  const worker = fork(join(import.meta.dirname, 'overhead-worker.ts'), [String(milliseconds)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [rates] = (await Promise.race([once(worker, 'message'), ended(worker)])) as [readonly Rate[]]
  const microseconds = (name: string) => 1e6 / (rates.find(rate => rate.name === name)?.perSecond ?? Number.NaN)
  const bare = microseconds('bare handler')
  const bareMiddy = microseconds('bare Middy')
  const full = microseconds('full handler')
  return [
    { name: 'bare handler, per call', value: bare, unit: 'µs' },
    { name: 'bare Middy, per call', value: bareMiddy, unit: 'µs' },
    atMost(5, 'µs', 'operation without I/O: decode, concerns, encode', microseconds('operation')),
    atMost(60, 'µs', 'full handler, one log line and two metrics', full),
    { name: 'full handler against a bare handler', value: full / bare, unit: '×' },
    { name: 'full handler against bare Middy', value: full / bareMiddy, unit: '×' },
  ]
}

async function ended(worker: ReturnType<typeof fork>): Promise<never> {
  const [code] = await once(worker, 'exit')
  throw new Error(`the worker ended with ${code} and no result`)
}
