import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { printable } from '../config/explain.ts'
import { publicAccess } from '../contract/concerns/requires-auth.ts'
import { traceOperation } from '../contract/concerns/trace-operation.ts'
import { trackMetrics } from '../contract/concerns/track-metrics.ts'
import { serviceScope } from '../contract/operation/operation.ts'
import type { PluginContext } from '../contract/plugin-context.ts'
import { createMemoryDatabase } from '../database/sqlite/memory-database.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { deliveryTable } from '../events/delivery-table.ts'
import { createRelay } from '../events/embedded/embedded-relay.ts'
import { defineEvent } from '../events/events.ts'
import { createEvents, outboxTable } from '../events/outbox/outbox.ts'
import { toProblem } from '../http/problem.ts'
import { createIds } from '../ids/uuid-v7.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { testCall } from '../testing/test-call.ts'
import { createEmfMetrics } from './emf-metrics.ts'
import { createLocalObservability } from './local-observability.ts'
import { createLogLevels, defaultLevels } from './log-levels.ts'
import { capturedLines } from './log-lines.fixture.ts'
import { headerLines, plantedSecrets, plantedValues, tellingTexts } from './planted-secrets.fixture.ts'
import { createPowertoolsLineWriter } from './powertools-line-writer.ts'
import { createSanitizer } from './sanitizer.ts'
import { createLogger } from './structured-logger.ts'

// One secret, planted in every way that it may come along; every place where something is written is searched for it.

const clock = createManualClock()

function assertNothingPlanted(shown: unknown, where: string): void {
  const text = typeof shown === 'string' ? shown : JSON.stringify(shown)
  for (const secret of plantedSecrets) {
    const at = text.indexOf(secret)
    assert(at < 0, `${where}: …${text.slice(Math.max(0, at - 60), at + 20)}`)
  }
}

function local() {
  const lines: string[] = []
  const observability = createLocalObservability({
    kind: 'local',
    service: 'test',
    environment: 'testing',
    clock,
    levels: createLogLevels({ level: 'DEBUG', levels: {} }),
    sink: line => lines.push(line),
  })
  return { observability, lines }
}

const texts = Object.entries({ ...tellingTexts, ...headerLines })

describe('a planted secret', () => {
  it('is in no log line: message, fields, bound fields, errors', () => {
    const { observability, lines } = local()
    const powertools = createLogger(
      createPowertoolsLineWriter({
        base: { service: 's', environment: 'testing' },
        levels: createLogLevels(defaultLevels),
        isColdStart: () => false,
      }),
      createSanitizer(),
    )
    const written = capturedLines(() => {
      for (const logger of [observability.logger, powertools]) {
        for (const [name, value] of Object.entries(plantedValues())) {
          logger
            .child({ [name]: value })
            .error('failed', { [name]: value, error: new Error('outer', { cause: { [name]: value } }) })
        }
        for (const [, text] of texts) logger.warn(text, { text, error: new Error(text) })
      }
    })
    assert.equal(lines.length, written.length)
    for (const line of [...lines, ...written.map(line => JSON.stringify(line))])
      assertNothingPlanted(line, line.slice(0, 200))
    assert(lines.some(line => line.includes('"harmless":"seen"')))
  })

  it('is in no span: inputs and outputs of operations, tags, names, errors', async () => {
    const { observability } = local()
    const values = plantedValues()
    const echo = serviceScope<unknown>()('echoes', {})({
      name: 'echo',
      input: z.any(),
      output: z.any(),
      concerns: [
        publicAccess(),
        trackMetrics({
          metricName: 'echo',
          labels: ({ input }) => ({ first: String(Object.values(input as object)[0]) }),
        }),
        traceOperation({ operationName: 'echo', tags: values, logInputs: true, logOutputs: true }),
      ],
      run: async input => input,
    })
    const plugin = { name: 'toy', version: '1.0.0', metricPrefix: 'toy' }
    const context = { plugin, config: {}, observability } as unknown as PluginContext
    // One by one as well: a description ends at 1,024 characters.
    const all = [
      values,
      ...Object.entries({ ...values, ...Object.fromEntries(texts) }).map(([name, value]) => ({ [name]: value })),
    ]
    for (const input of all) await echo.call(input, { context, call: testCall() })
    for (const [name, text] of texts) {
      const failing = observability.tracer.span(text, { [name]: text }, async span => {
        span.setTag(name, text)
        throw new Error(text)
      })
      await failing.catch(() => {})
    }
    const traces = observability.traces()
    assert.equal(traces.length, Math.min(100, all.length + texts.length))
    for (const trace of traces) assertNothingPlanted(trace, `span ${trace.root.name}`)
    const inputs = traces.map(({ root }) => String(root.tags['input']))
    assert(inputs.some(text => text.includes('"harmless":"seen"')))
    assert(inputs.includes('{"password":"[redacted]"}'))
  })

  it('is in no metric', () => {
    const { observability } = local()
    const lines: string[] = []
    const emf = createEmfMetrics({ namespace: 'Test', sink: line => lines.push(line), clock })
    for (const metrics of [observability.metrics, emf]) {
      for (const [name, text] of texts)
        metrics.count('test_total', { text, padded: `${'x'.repeat(120)} ${text}`, name })
    }
    emf.flush()
    assertNothingPlanted(observability.metricsText(), 'Prometheus')
    assertNothingPlanted(lines.join(''), 'EMF')
    assert.equal(lines.length, texts.length)
  })

  it('is in no problem document, though a message of another library came into the detail', () => {
    for (const [name, text] of Object.entries(tellingTexts)) {
      const error = new MmfError('validation_failed', {
        detail: `the source answered ${text}`,
        errors: [{ path: 'field', message: text }],
        members: { received: [text], deeper: { text } },
        cause: new Error(text),
      })
      assertNothingPlanted(toProblem(error, 'c', 'e').problem, name)
    }
    for (const [, text] of texts) {
      const { problem } = toProblem(new MmfError('internal_error', { detail: text, members: { text } }), 'c', 'e')
      assertNothingPlanted(problem, 'internal error')
    }
    const helpful = new MmfError('validation_failed', { detail: 'password: unknown field' })
    assert.equal(toProblem(helpful, 'c', 'e').problem.detail, 'password: unknown field')
  })

  it('is in no dead letter', async t => {
    const { observability, lines } = local()
    const database = createMemoryDatabase({ clock })
    t.after(() => database.close())
    await database.open([outboxTable, deliveryTable])
    const rang = defineEvent({ name: 'rang', version: 1, data: z.object({ n: z.int() }) })
    const failures = [
      ...Object.entries(plantedValues()).map(([name, value]) => ({ [name]: value })),
      ...texts.map(([, text]) => new Error(text, { cause: text })),
    ]
    const relay = createRelay({
      database,
      clock,
      logger: observability.logger,
      subscribers: [
        {
          name: 'deaf',
          eventType: 'rang',
          retryAttempts: 1,
          handler: async event => {
            throw failures[(event.data as { n: number }).n]
          },
        },
      ],
    })
    t.after(() => relay.stop())
    const events = createEvents({ plugin: 'toys', service: 'bells', clock, ids: createIds({ clock }) })
    for (const n of failures.keys()) await database.transaction([events.outbox(rang, { n }, { correlationId: 'c' })])
    for (let dead = 0; dead < failures.length; ) dead += (await relay.runDue()).dead
    const { rows } = await relay.deadLetters.list({ limit: 100 })
    assert(rows.length > 30)
    assertNothingPlanted(rows, 'dead letters')
    for (const line of lines) assertNothingPlanted(line, line.slice(0, 200))
  })

  it('is in no configuration that is shown', () => {
    // A configuration is made of maps, lists and plain values.
    const plain = Object.entries(plantedValues()).filter(([name, value]) => {
      const isData = [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(Object(value)))
      return name !== 'errors' && name !== 'pairs' && name !== 'toJson' && (isData || typeof value === 'string')
    })
    const { lines, jwk, oct, rawHeaders, fields, ...config } = Object.fromEntries(plain)
    assert.deepEqual([lines, jwk, oct, rawHeaders, fields].includes(undefined), false)
    assertNothingPlanted(printable(config, false), 'config')
    assert.equal((printable(config, false) as Record<string, unknown>)['harmless'], 'seen')
  })
})
