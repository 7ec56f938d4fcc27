import { join } from 'node:path'
import { startMain, temporaryFolder } from '../e2e/start-main.ts'
import { median } from './pki/measure.ts'
import { atMost, type BenchResult } from './result.ts'

/** From the start of the process to the first answer, as `npm start` does it after its build. The very first start makes keys and compiles. */
export async function benchStart(rounds = 5): Promise<readonly BenchResult[]> {
  const data = temporaryFolder()
  try {
    // As `tools/start.mjs` does.
    const env = { MARTY_DATA_DIR: join(data.path, 'data'), NODE_COMPILE_CACHE: join(data.path, 'compiled') }
    const first = await secondsToAnswer(env)
    const later: number[] = []
    for (let round = 0; round < rounds; round++) later.push(await secondsToAnswer(env))
    return [
      {
        name: 'npm start to the first answer, the very first time (RSA keys are made: a matter of luck)',
        value: first,
        unit: 's',
      },
      atMost(2, 's', 'npm start to the first answer, after its build, from the second time on', median(later)),
    ]
  } finally {
    data.remove()
  }
}

async function secondsToAnswer(env: Readonly<Record<string, string>>): Promise<number> {
  const started = performance.now()
  const running = await startMain(env)
  try {
    const { status } = await fetch(`${running.url}/health`)
    if (status !== 200) throw new Error(`/health answered ${status}`)
    return (performance.now() - started) / 1000
  } finally {
    await running.stop()
  }
}
