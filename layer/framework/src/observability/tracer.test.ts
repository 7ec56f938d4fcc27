import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { MmfError } from '../errors/mmf-error.ts'
import { traceTree } from '../testing/trace-tree.ts'
import { createLocalTracer, type LocalTracer } from './local-tracer.ts'
import { plantedSecrets } from './planted-secrets.fixture.ts'
import { remoteSpan } from './trace-context.ts'
import { untraced } from './untraced.ts'

const clock = { now: () => new Date('2026-11-22T12:00:00Z') }
const only = (tracer: LocalTracer) => {
  const [trace, ...more] = tracer.traces()
  assert(trace !== undefined && more.length === 0)
  return trace
}

describe('local tracer', () => {
  it('prints the tree of the specification', async () => {
    const tracer = createLocalTracer({ clock })
    const step = (name: string, service: string) => (parent: Parameters<LocalTracer['span']>[3]) =>
      tracer.span(name, { service }, async () => name, parent)
    await tracer.span('certificate_validation_flow', {}, async flow => {
      await step('trust_chain_validation', 'trust_anchor_service')(flow)
      await step('pkd_key_lookup', 'pkd_service')(flow)
      await step('certificate_signature_check', 'document_signer')(flow)
      await step('revocation_status_check', 'certificate_validation')(flow)
    })
    assert.equal(
      traceTree(only(tracer)),
      [
        'Trace: certificate_validation_flow',
        '├── span: trust_chain_validation (trust_anchor_service)',
        '├── span: pkd_key_lookup (pkd_service)',
        '├── span: certificate_signature_check (document_signer)',
        '└── span: revocation_status_check (certificate_validation)',
      ].join('\n'),
    )
  })

  it('nests by the parent that is passed', async () => {
    const tracer = createLocalTracer({ clock })
    await tracer.span('a', {}, a =>
      tracer.span('b', {}, b => tracer.span('c', {}, async () => tracer.span('d', {}, async () => 0, a), b), a),
    )
    assert.equal(traceTree(only(tracer)), 'Trace: a\n├── span: b\n│   └── span: c\n└── span: d')
    assert.match(traceTree(only(tracer), { durations: true }), /^Trace: a \d+\.\d ms\n/)
  })

  it('marks errors and throws them on', async () => {
    const tracer = createLocalTracer({ clock })
    const error = new MmfError('not_found', { detail: 'Bearer abc.def' })
    await assert.rejects(
      tracer.span('a', {}, () => Promise.reject(error)),
      (thrown: unknown) => thrown === error,
    )
    const { root } = only(tracer)
    assert.equal(root.status, 'error')
    assert.deepEqual(root.error, {
      name: 'MmfError',
      message: 'No such resource: Bearer [redacted]',
      code: 'not_found',
    })
    assert.match(traceTree(only(tracer), { durations: true }), /✗ not_found$/)
    await assert.rejects(
      tracer.span('b', {}, () => Promise.reject('no error object')),
      /no error object/,
    )
    await assert.rejects(
      tracer.span('c', {}, () => {
        throw error
      }),
      { code: 'not_found' },
    )
  })

  it('keeps the caller’s trace id', async () => {
    const tracer = createLocalTracer({ clock })
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: true }
    const ids = await tracer.span(
      'a',
      {},
      async a => [a.traceId, await tracer.span('b', {}, async b => b.traceId, a)],
      remoteSpan(caller),
    )
    assert.deepEqual(ids, [caller.traceId, caller.traceId])
    assert.equal(only(tracer).root.parentId, caller.spanId)
  })

  it('sanitizes and bounds tags, traces and spans', async () => {
    const tracer = createLocalTracer({ clock, capacity: 3 })
    for (let n = 0; n < 5; n++) await tracer.span(`t${n}`, {}, async () => 0)
    assert.deepEqual(
      tracer.traces().map(({ root }) => root.name),
      ['t2', 't3', 't4'],
    )
    await tracer.span(
      't5',
      { password: 'hunter2', ['__proto__']: 1, big: 'x'.repeat(5000), list: [1, 2] },
      async span => {
        for (let n = 0; n < 100; n++) span.setTag(`tag${n}`, n)
        for (let n = 0; n < 1500; n++) await tracer.span('child', {}, async () => 0, span)
      },
    )
    const { root } = tracer.traces().at(-1) ?? assert.fail()
    assert.equal(root.children.length, 999)
    assert.equal(Object.keys(root.tags).length, 50)
    assert.deepEqual([root.tags['password'], root.tags['list']], ['[redacted]', '[1,2]'])
    assert(String(root.tags['big']).length <= 1025)
  })

  it('does not mix 200 requests at once', async () => {
    const tracer = createLocalTracer({ clock, capacity: 200 })
    const request = (n: number) =>
      tracer.span(`request ${n}`, { n }, async root => {
        for (const step of [1, 2]) {
          await tracer.span(`step ${step}`, { n }, () => pause((n * 7) % 5), root)
        }
      })
    await Promise.all(Array.from({ length: 200 }, (_, n) => request(n)))
    for (const { root } of tracer.traces()) {
      assert.deepEqual(
        root.children.map(({ name, tags }) => [name, tags['n']]),
        [
          ['step 1', root.tags['n']],
          ['step 2', root.tags['n']],
        ],
      )
    }
    assert.equal(new Set(tracer.traces().map(trace => trace.traceId)).size, 200)
  })
})

describe('untraced', () => {
  it('runs the work, keeps the trace id, throws on', async () => {
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: false }
    assert.equal(await untraced.span('a', {}, async span => span.traceId, remoteSpan(caller)), caller.traceId)
    assert.equal(await untraced.span('a', {}, async span => span.traceId), '')
    await assert.rejects(
      untraced.span('a', {}, () => Promise.reject(new Error('x'))),
      /x/,
    )
  })
})

interface SegmentDocument {
  readonly id: string
  readonly name: string
  readonly trace_id: string
  readonly parent_id: string
  readonly annotations?: Record<string, unknown>
  readonly error?: boolean
  readonly fault?: boolean
  readonly cause?: unknown
}

/** What an X-Ray daemon receives from the program. Each datagram is a header line and a segment document. */
async function segmentsOf(program: URL): Promise<{ documents: SegmentDocument[]; output: string }> {
  const daemon = createSocket('udp4')
  const documents: SegmentDocument[] = []
  daemon.on('message', message => documents.push(JSON.parse(message.toString().split('\n')[1] ?? '')))
  daemon.bind(0, '127.0.0.1')
  await once(daemon, 'listening')
  const { port } = daemon.address() as AddressInfo
  const env = {
    ...process.env,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    LAMBDA_TASK_ROOT: '/var/task',
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${port}`,
    _X_AMZN_TRACE_ID: 'Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1',
  }
  const child = spawn(process.execPath, [fileURLToPath(program)], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [status] = await once(child, 'close')
  // Datagrams on loopback are there already, but each is delivered in a turn of its own.
  await pause(50)
  daemon.close()
  assert.equal(status, 0)
  return { documents, output }
}

describe('X-Ray tracer', () => {
  it('sends subsegments of overlapping requests under the right parents', async () => {
    const { documents, output } = await segmentsOf(new URL('./xray.fixture.ts', import.meta.url))
    assert.deepEqual(JSON.parse(output), { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', outcome: 'not_found' })
    const flat = documents.flatMap(document => flatten(document))
    for (const step of flat.filter(({ name }) => name.startsWith('step'))) {
      const above = flat.find(({ id }) => id === step.parent_id)
      assert.equal(above?.name, `request ${step.annotations?.['n']}`)
    }
    assert.equal(flat.filter(({ name }) => name.startsWith('request')).length, 20)
    assert.equal(flat.filter(({ name }) => name.startsWith('step')).length, 40)
    const refused = flat.find(({ name }) => name === 'refused')
    assert.deepEqual(
      [refused?.error, refused?.fault, refused?.annotations?.['error_code']],
      [true, undefined, 'not_found'],
    )
    const broken = flat.find(({ name }) => name === 'broken')
    assert.equal(broken?.fault, true)
    const planted = flat.filter(({ name }) => name.startsWith('planted'))
    assert(planted.length > 50)
    for (const secret of plantedSecrets) assert(!JSON.stringify(documents).includes(secret), secret)
  })
})

type Nested = SegmentDocument & { readonly subsegments?: readonly Nested[] }

function flatten(document: Nested): SegmentDocument[] {
  const below = document.subsegments?.flatMap(child => flatten({ ...child, parent_id: document.id })) ?? []
  return [document, ...below]
}
