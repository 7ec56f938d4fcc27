import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../clock/clock.ts'
import { createLambdaObservability } from './lambda-observability.ts'
import { createLocalObservability } from './local-observability.ts'

// A program: 200 requests at once in one process, each with its own child logger, three lines each with pauses between them.
const kind = process.argv[2] === 'lambda' ? 'lambda' : 'local'
const common = { service: 'test', environment: 'testing', clock: systemClock } as const
const observability =
  kind === 'lambda'
    ? await createLambdaObservability({ ...common, kind, namespace: 'Test', tracing: false })
    : createLocalObservability({ ...common, kind })

async function request(n: number): Promise<void> {
  const logger = observability.logger.child({ correlationId: `c-${n}`, requestId: `r-${n}` })
  for (const step of ['start', 'middle', 'end']) {
    logger.info(step, { n })
    observability.metrics.count('steps_total', { step })
    await pause((n * 7) % 5)
  }
  await observability.flush()
}

await Promise.all(Array.from({ length: 200 }, (_, n) => request(n)))
