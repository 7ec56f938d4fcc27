import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { atMost, type BenchResult } from './result.ts'
import { signAt } from './sign-at.ts'

/** A limit of a caller, and what the quiet one asks for: within it. The noisy one asks for fifty times as much. */
const limit = 50
const quietRate = 20
const noisyRate = 50 * quietRate

const stdio: ('ignore' | 'inherit' | 'ipc')[] = ['ignore', 'ignore', 'inherit', 'ipc']

/** What a noisy caller at fifty times the rate of a quiet one does to the quiet one's times, with limits and without; alone and beside it in turn. */
export async function benchNoisy(requests: number): Promise<readonly BenchResult[]> {
  const limited = await sideBySide(limit, requests)
  const open = await sideBySide(0, requests / 2)
  const refused = (limited.counts[429] ?? 0) / Object.values(limited.counts).reduce((sum, n) => sum + n, 0)
  return [
    { name: 'quiet caller alone, p99', value: limited.alone, unit: 'ms' },
    { name: 'beside a noisy one with a limit, p99', value: limited.beside, unit: 'ms' },
    atMost(2, '×', 'beside a noisy one at 50×, p99 against alone', limited.beside / limited.alone),
    { name: 'of the noisy requests got 429', value: refused * 100, unit: '%' },
    { name: 'the same without limits', value: open.beside / open.alone, unit: '×' },
  ]
}

async function sideBySide(rate: number, requests: number) {
  const server = fork(join(import.meta.dirname, 'noisy-server.ts'), [String(rate)], { stdio })
  const [{ url, quiet, noisy }] = await answerOf(server)
  const alone: number[] = []
  const beside: number[] = []
  const counts: Record<string, number> = {}
  await quietly(url, quiet, quietRate)
  for (let round = 0; round < 4; round += 1) {
    alone.push(...(await quietly(url, quiet, requests / 4)))
    const caller = fork(join(import.meta.dirname, 'noisy-caller.ts'), [url, noisy, String(noisyRate)], { stdio })
    // What it may take at once is taken.
    await wait(Math.min(2500, requests * 10))
    beside.push(...(await quietly(url, quiet, requests / 4)))
    caller.send('end')
    const [seen] = await answerOf(caller)
    for (const [status, n] of Object.entries(seen as Record<string, number>)) counts[status] = (counts[status] ?? 0) + n
    await once(caller, 'exit')
  }
  server.send('end')
  await once(server, 'exit')
  return { alone: p99(alone), beside: p99(beside), counts }
}

async function answerOf(child: ChildProcess) {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process ended with ${code} and no answer`)
  })
  const answer = once(child, 'message')
  ended.catch(() => {})
  return Promise.race([answer, ended])
}

/** The times of so many requests, in milliseconds. @throws {Error} when one of them is no signature */
async function quietly(url: string, token: string, requests: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let n = 0; n < requests; n += 1) {
    const from = performance.now()
    const status = await signAt(url, token)
    const took = performance.now() - from
    if (status !== 201) throw new Error(`the quiet caller got ${status}`)
    times.push(took)
    await wait(Math.max(0, 1000 / quietRate - took))
  }
  return times
}

function p99(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN
}
