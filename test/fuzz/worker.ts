import { parentPort, workerData } from 'node:worker_threads'
import { runIteration } from './iteration.ts'
import type { WorkerData, WorkerMessage } from './run.ts'
import { createTargets } from './targets.ts'

/** More would say the same again. */
const enough = 20

/** Runs iterations until its time is over or something crashes. The input at hand lies in shared memory, should it never come back. */
function main(): void {
  const { seed, from, until, state, input } = workerData as WorkerData
  const targets = createTargets()
  const progress = new Int32Array(state)
  const shared = new Uint8Array(input)
  const send = (message: WorkerMessage) => parentPort?.postMessage(message)
  let iteration = from
  let crashes = 0
  for (; Date.now() < until && crashes < enough; iteration++) {
    const crash = runIteration(targets, seed, iteration, (target, bytes) => {
      const kept = bytes.subarray(0, shared.length)
      shared.set(kept)
      Atomics.store(progress, 1, kept.length)
      Atomics.store(progress, 2, targets.indexOf(target))
      Atomics.store(progress, 0, iteration)
    })
    if (crash === undefined) continue
    crashes++
    const error = crash.error instanceof Error ? (crash.error.stack ?? crash.error.message) : String(crash.error)
    send({ kind: 'crash', target: crash.target, iteration, error, input: crash.input })
  }
  send({ kind: 'done', iterations: iteration - from })
}

main()
