import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { tryInput } from './iteration.ts'
import { createTargets } from './targets.ts'

/** What the worker is started with. */
export interface WorkerData {
  readonly seed: number
  readonly from: number
  /** Milliseconds since 1970 UTC. */
  readonly until: number
  /** Int32: iteration, length of the input, index of the target. */
  readonly state: SharedArrayBuffer
  readonly input: SharedArrayBuffer
}

export type WorkerMessage =
  | { readonly kind: 'crash'; target: string; iteration: number; error: string; input: Uint8Array }
  | { readonly kind: 'done'; readonly iterations: number }

const usageText = `usage: fuzz [--minutes N] [--seed S]           mutate valid structures, default 1 minute, random seed
       fuzz --target NAME --input BASE64   give one input again, as a crash prints it`

/** An input that takes longer is a hang: the work counts should have ended it long before. */
const hungAfterMs = 30_000
/** More heap than this for inputs of 200 KB is memory without bounds. */
const maxHeapMb = 768
const maxInput = 4 * 1024 * 1024

interface Failure {
  readonly target: string
  readonly iteration: number
  readonly error: string
  readonly input: Uint8Array
}

async function fuzz(seed: number, minutes: number): Promise<number> {
  const names = createTargets().map(({ name }) => name)
  const until = Date.now() + minutes * 60_000
  const state = new SharedArrayBuffer(12)
  const input = new SharedArrayBuffer(maxInput)
  const progress = new Int32Array(state)
  const current = (error: string): Failure => ({
    target: names[Atomics.load(progress, 2)] ?? '?',
    iteration: Atomics.load(progress, 0),
    error,
    input: new Uint8Array(input).slice(0, Atomics.load(progress, 1)),
  })
  const failures: Failure[] = []
  let iterations = 0
  console.log(`seed ${seed}, ${minutes} minutes, targets: ${names.join(', ')}`)
  for (let from = 0; Date.now() < until; from = Atomics.load(progress, 0) + 1) {
    const data: WorkerData = { seed, from, until, state, input }
    const ended = await runWorker(data, progress, failure => failures.push(failure))
    if (ended.lost !== undefined) failures.push(current(ended.lost))
    iterations += ended.iterations ?? Atomics.load(progress, 0) - from + 1
    // The worker ends by itself after as many.
    if (failures.length >= 20) break
  }
  report(failures, seed)
  console.log(`${iterations} iterations, ${failures.length} failures`)
  return failures.length === 0 ? 0 : 1
}

interface Ended {
  readonly iterations?: number
  /** Why the worker ended without saying so. */
  readonly lost?: string
}

function runWorker(data: WorkerData, progress: Int32Array, onCrash: (failure: Failure) => void): Promise<Ended> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
  })
  return new Promise<Ended>(resolve => {
    let seen = -1
    let since = Date.now()
    const watch = setInterval(() => {
      const iteration = Atomics.load(progress, 0)
      if (iteration !== seen) {
        seen = iteration
        since = Date.now()
      } else if (Date.now() - since > hungAfterMs) end({ lost: `no end after ${hungAfterMs} ms` })
    }, 500)
    const end = (result: Ended) => {
      clearInterval(watch)
      void worker.terminate()
      resolve(result)
    }
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'crash') onCrash(message)
      else end({ iterations: message.iterations })
    })
    worker.on('error', error => end({ lost: String(error) }))
  })
}

/** Each kind of failure once, by target and first line. */
function report(failures: readonly Failure[], seed: number): void {
  const seen = new Set<string>()
  for (const { target, iteration, error, input } of failures) {
    const kind = `${target}: ${error.split('\n').slice(0, 2).join(' ')}`
    if (seen.has(kind)) continue
    seen.add(kind)
    console.error(`\n${target}, seed ${seed}, iteration ${iteration}: ${error}`)
    console.error(`again: npm run fuzz -- --target ${target} --input ${Buffer.from(input).toString('base64')}`)
  }
}

function again(name: string, input: string): number {
  const target = createTargets().find(candidate => candidate.name === name)
  if (target === undefined) {
    console.error(`no target ${name}\n${usageText}`)
    return 2
  }
  const error = tryInput(target, new Uint8Array(Buffer.from(input, 'base64')))
  console.log(error === undefined ? 'no failure' : error)
  return error === undefined ? 0 : 1
}

async function main(argv: readonly string[]): Promise<number> {
  const values = parseArguments(argv)
  const { minutes = '1', seed = String(Math.floor(Math.random() * 2 ** 31)), target, input } = values ?? {}
  if (values?.help) {
    console.log(usageText)
    return 0
  }
  if (target !== undefined && input !== undefined) return again(target, input)
  const wrong = values === undefined || target !== undefined || input !== undefined
  if (wrong || !(Number(minutes) > 0) || !Number.isSafeInteger(Number(seed))) {
    console.error(usageText)
    return 2
  }
  return await fuzz(Number(seed), Number(minutes))
}

/** Undefined for arguments that nobody knows. */
function parseArguments(argv: readonly string[]) {
  const text = { type: 'string' } as const
  const options = { minutes: text, seed: text, target: text, input: text, help: { type: 'boolean' } } as const
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: false }).values
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return undefined
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
