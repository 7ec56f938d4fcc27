import assert from 'node:assert/strict'
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics'
import { createEmfMetrics } from './emf-metrics.ts'
import { parsedLines } from './log-lines.fixture.ts'

// Why the writer is our own: docs/decisions/0057-own-emf-writer.md. When the first test fails, the library has mended it.

/** Two requests at once, each with a label of its own, count one measurement each. */
async function twoAtOnce(count: (algorithm: string) => Promise<void>): Promise<void> {
  await Promise.all(['RSA', 'ECDSA'].map(count))
}

/** How often each label was counted, by what was written. */
const counted = (text: string) =>
  Object.fromEntries(parsedLines(text).map(({ algorithm, signed_total: total }) => [algorithm, total]))

test('one Metrics object of Powertools mixes the dimensions of requests that overlap', async () => {
  let text = ''
  const nowhere = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  const metrics = new PowertoolsMetrics({ namespace: 'Marty/testing', serviceName: 'document_signer' })
  Object.assign(metrics, { console: new Console({ stdout: nowhere, stderr: nowhere }) })
  await twoAtOnce(async algorithm => {
    metrics.addDimension('algorithm', algorithm)
    await turn()
    metrics.addMetric('signed_total', 'Count', 1)
    metrics.publishStoredMetrics()
  })
  // RSA was counted as ECDSA, and ECDSA without a label.
  assert.deepEqual(counted(text), { ECDSA: 1, undefined: 1 })
})

test('ours does not', async () => {
  let text = ''
  const sink = (line: string) => {
    text += line
  }
  const metrics = createEmfMetrics({ namespace: 'Marty/testing', clock: { now: () => new Date(0) }, sink })
  await twoAtOnce(async algorithm => {
    await turn()
    metrics.count('signed_total', { algorithm })
    metrics.flush()
  })
  assert.deepEqual(counted(text), { RSA: 1, ECDSA: 1 })
})
