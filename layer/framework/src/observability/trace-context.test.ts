import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { incomingTrace, outgoingTrace, parseTraceparent, parseXrayTrace } from './trace-context.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

describe('trace context', () => {
  it('reads traceparent (W3C Trace Context)', () => {
    assert.deepEqual(parseTraceparent(`00-${traceId}-${spanId}-01`), { traceId, spanId, sampled: true })
    assert.deepEqual(parseTraceparent(`00-${traceId}-${spanId}-02`), { traceId, spanId, sampled: false })
    assert.deepEqual(parseTraceparent(`cc-${traceId}-${spanId}-01-future`), { traceId, spanId, sampled: true })
  })

  it('ignores a traceparent that is none', () => {
    const bad = [
      undefined,
      '',
      `ff-${traceId}-${spanId}-01`,
      `00-${'0'.repeat(32)}-${spanId}-01`,
      `00-${traceId}-${'0'.repeat(16)}-01`,
      `00-${traceId.toUpperCase()}-${spanId}-01`,
      `00-${traceId}-${spanId}-01-more`,
      `00-${traceId}-${spanId}-1`,
      `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`,
      `00-${traceId}-${spanId}-01-${'x'.repeat(1000)}`,
    ]
    for (const header of bad) assert.equal(parseTraceparent(header), undefined, header)
  })

  it('reads X-Amzn-Trace-Id', () => {
    const header = `Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=${spanId};Sampled=1`
    assert.deepEqual(parseXrayTrace(header), { traceId, spanId, sampled: true })
    assert.deepEqual(
      parseXrayTrace(`Self=1-1-1; Sampled=?;parent=${spanId};root=1-4bf92f35-77b34da6a3ce929d0e0e4736`),
      {
        traceId,
        spanId,
        sampled: false,
      },
    )
    for (const bad of ['', 'Root=1-4bf92f35-77b34da6a3ce929d0e0e4736', 'Root=2-x;Parent=y', 'x'.repeat(600)]) {
      assert.equal(parseXrayTrace(bad), undefined, bad)
    }
  })

  it('prefers traceparent, and writes what it reads', () => {
    const context = { traceId, spanId, sampled: true }
    const headers = outgoingTrace(context)
    assert.deepEqual(incomingTrace(headers), context)
    assert.deepEqual(incomingTrace({ ...headers, traceparent: 'broken' }), context)
    assert.deepEqual(parseXrayTrace(headers['x-amzn-trace-id']), context)
    assert.equal(incomingTrace({}), undefined)
  })

  it('never throws', () => {
    const header = fc.option(fc.string(), { nil: undefined })
    fc.assert(fc.property(header, header, (a, b) => void incomingTrace({ traceparent: a, 'x-amzn-trace-id': b })))
  })
})
