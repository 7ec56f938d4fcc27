import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger'
import { Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics'
import { systemClock } from '../clock/clock.ts'
import { createLambdaObservability } from './lambda-observability.ts'
import { createLocalObservability } from './local-observability.ts'
import type { Observability } from './observability.ts'

// node layer/framework/src/observability/observability.bench.ts
// One request's worth of observability: a logger of its own, one line, one counter and one duration with different labels, the flush.
// What is written goes nowhere, so this is the cost of making it.

const common = { service: 'document_signer', environment: 'production', clock: systemClock } as const
const ids = { correlationId: '01934567-89ab-7def-8123-456789abcdef', requestId: '01934567-89ab-7def-8123-456789abcdee' }
const fields = {
  operation: 'document_signer.sign_document',
  method: 'POST',
  status: 201,
  durationMs: 1.234,
  subject: 'alice',
}
const counted = { algorithm: 'RSA-SHA256', status: 'success' }
const timed = { algorithm: 'RSA-SHA256' }

function request({ logger, metrics, flush }: Observability): void {
  logger.child(ids).info('request', fields)
  metrics.count('sign_requests_total', counted)
  metrics.duration('sign_requests_duration_seconds', timed, 0.01)
  flush()
}

/** Powertools as its documentation shows it: a child logger per request, a single metric per label set. */
function naivePowertools(): () => void {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const console = new Console({ stdout: nowhere, stderr: nowhere })
  const quiet = <T extends object>(tool: T): T => Object.assign(tool, { console })
  const logger = quiet(new PowertoolsLogger({ serviceName: 'document_signer', logLevel: 'INFO' }))
  const metrics = quiet(new PowertoolsMetrics({ namespace: 'Marty', serviceName: 'document_signer' }))
  return () => {
    const child = quiet(logger.createChild({ persistentKeys: ids }))
    child.info('request', fields)
    const count = quiet(metrics.singleMetric())
    count.addDimensions(counted)
    count.addMetric('sign_requests_total', 'Count', 1)
    const duration = quiet(metrics.singleMetric())
    duration.addDimensions(timed)
    duration.addMetric('sign_requests_duration_seconds', 'Seconds', 0.01)
  }
}

/** Median of five rounds, in microseconds per call. */
function measure(work: () => void, calls = 10_000): number {
  const rounds = Array.from({ length: 6 }, () => {
    const started = performance.now()
    for (let n = 0; n < calls; n++) work()
    return ((performance.now() - started) * 1000) / calls
  })
  const [, , , median = 0] = rounds.slice(1).sort((a, b) => a - b)
  return median
}

const local = createLocalObservability({ ...common, kind: 'local', sink: () => {} })
const lambda = await createLambdaObservability({ ...common, kind: 'lambda', namespace: 'Marty', tracing: false })
const write = process.stdout.write
process.stdout.write = () => true
const results = {
  local: measure(() => request(local)),
  lambda: measure(() => request(lambda)),
  'powertools naive': measure(naivePowertools(), 2_000),
}
process.stdout.write = write

for (const [name, microseconds] of Object.entries(results)) {
  const ratio = microseconds / results.local
  console.log(`${name.padEnd(18)} ${microseconds.toFixed(1).padStart(7)} µs   ${ratio.toFixed(1).padStart(5)} × local`)
}
