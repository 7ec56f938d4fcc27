import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import * as z from 'zod'
import { createMemoryDatabase } from '../database/sqlite/memory-database.ts'
import { table } from '../database/table.ts'
import { insert } from '../database/write.ts'
import { createEgress } from '../egress/create-egress.ts'
import { httpServer } from '../egress/loopback.fixture.ts'
import type { ErrorCode } from '../errors/catalogue.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import type { KeyService } from '../keys/key-service.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { recordingObservability } from '../testing/recording-observability.ts'
import { createResilience } from './create-resilience.ts'
import { guardedDatabase, guardedEgress, guardedKeys, guardedTransport } from './guarded-ports.ts'

const notes = table({ name: 'notes', row: z.strictObject({ id: z.string() }), partition: 'id' })
const signal = new AbortController().signal

function setUp() {
  const clock = createManualClock()
  const database = createMemoryDatabase({ clock })
  const observability = recordingObservability()
  return { clock, database, observability, resilience: createResilience({ clock, database, observability }) }
}

async function codesOf(times: number, ask: () => Promise<unknown>): Promise<string[]> {
  const codes: string[] = []
  for (let n = 0; n < times; n += 1) {
    codes.push(
      await ask().then(
        () => 'well',
        error => (isMmfError(error) ? error.code : String(error)),
      ),
    )
  }
  return [...new Set(codes)]
}

interface Port {
  readonly code: ErrorCode
  readonly name: string
  /** `fails` is asked at every call of what is behind the port. */
  readonly ask: (set: ReturnType<typeof setUp>, fails: () => void) => () => Promise<unknown>
}

const ports: readonly Port[] = [
  {
    code: 'database_unavailable',
    name: 'database',
    ask({ database, resilience }, fails) {
      const get: typeof database.get = async (...given) => {
        fails()
        return database.get(...given)
      }
      const failing = Object.assign(Object.create(database), { get }) as typeof database
      const guarded = guardedDatabase(failing, resilience)
      const opened = guarded.open([notes])
      return async () => {
        await opened
        return guarded.get(notes, { id: 'a' })
      }
    },
  },
  {
    code: 'key_service_unavailable',
    name: 'keys',
    ask({ resilience }, fails) {
      const sign = async () => fails() as never
      const guarded = guardedKeys({ sign } as Partial<KeyService> as KeyService, resilience)
      return () => guarded.sign('k', 'ECDSA-SHA256', { document: new Uint8Array() } as never, { signal })
    },
  },
  {
    code: 'service_unavailable',
    name: 'calls',
    ask({ resilience }, fails) {
      const transport = async () => {
        fails()
        return { output: 1 }
      }
      const guarded = guardedTransport(transport, resilience)
      return () => guarded({ plugin: 'toy', service: 'reader' } as never, { signal })
    },
  },
]

for (const { code, name, ask: make } of ports) {
  describe(`the circuit of ${name}`, () => {
    it('answers with the code of the port, calls nothing while it is open, and lets it come back after 5 s', async () => {
      const set = setUp()
      let called = 0
      let isDown = true
      const ask = make(set, () => {
        called += 1
        if (isDown) throw new MmfError(code)
      })
      assert.deepEqual(await codesOf(30, ask), [code])
      assert.equal(called, 10)
      assert.deepEqual(
        set.resilience.openCircuits().map(({ name: n, status }) => [n, status]),
        [[name, 'open']],
      )
      assert.equal(set.observability.counts.get(`mmf_circuits_open{circuit="${name}"}`), 1)
      isDown = false
      assert.deepEqual(await codesOf(1, ask), [code])
      set.clock.advance(5000)
      assert.deepEqual(await codesOf(4, ask), ['well'])
      assert.deepEqual(set.resilience.openCircuits(), [])
    })

    it('stays closed while less than half fails', async () => {
      const set = setUp()
      let n = 0
      const ask = make(set, () => {
        n += 1
        if (n % 3 === 0) throw new MmfError(code)
      })
      await codesOf(60, ask)
      assert.equal(n, 60)
    })

    it('refusals open nothing', async () => {
      const set = setUp()
      let n = 0
      const ask = make(set, () => {
        n += 1
        throw new MmfError('conflict')
      })
      assert.deepEqual(await codesOf(30, ask), ['conflict'])
      assert.equal(n, 30)
    })
  })
}

it('a database behind its circuit is the same database', async () => {
  const { database, resilience } = setUp()
  const guarded = guardedDatabase(database, resilience)
  await guarded.open([notes])
  await guarded.write(insert(notes, { id: 'a' }))
  await guarded.transaction([insert(notes, { id: 'b' })])
  await assert.rejects(guarded.write(insert(notes, { id: 'a' })), error => isMmfError(error, 'database_conflict'))
  assert.deepEqual(await guarded.getMany(notes, [{ id: 'b' }]), [{ id: 'b' }])
  assert.deepEqual((await guarded.query(notes, { partition: 'a' })).rows, [{ id: 'a' }])
  await guarded.ping()
  await guarded.close()
})

describe('egress', () => {
  async function server(t: TestContext) {
    let status = 500
    const gate: { wait?: Promise<void> } = {}
    let inside = 0
    let most = 0
    const served = await httpServer(t, async (request, response) => {
      inside += 1
      most = Math.max(most, inside)
      await gate.wait
      inside -= 1
      response.statusCode = request.url?.startsWith('/bad') === true ? status : 200
      response.end('body')
    })
    const set = setUp()
    const egress = guardedEgress(createEgress({ allowPrivate: true, allowHosts: undefined }), set.resilience)
    const get = async (path: string) => (await egress.request(served.origin + path)).status
    return {
      ...set,
      ...served,
      gate,
      get,
      most: () => most,
      answers: (next: number) => {
        status = next
      },
    }
  }

  it('leaves an address alone that fails, gives its answers on until then, and asks it again after 30 s', async t => {
    const { get, hits, clock, answers } = await server(t)
    for (let n = 0; n < 10; n += 1) assert.equal(await get(`/bad/list?n=${n}`), 500)
    await assert.rejects(
      get('/bad/list'),
      error => isMmfError(error, 'egress_failed') && error.headers['retry-after'] === '30',
    )
    assert.equal(hits(), 10)
    answers(200)
    clock.advance(30_000)
    for (let n = 0; n < 3; n += 1) assert.equal(await get('/bad/list'), 200)
  })

  it('a bad address, such as one that a stranger names, keeps no other address of the server away', async t => {
    const { get, resilience } = await server(t)
    for (let n = 0; n < 10; n += 1) await get('/bad/strange')
    await assert.rejects(get('/bad/strange'), error => isMmfError(error, 'egress_failed'))
    assert.equal(await get('/good.crl'), 200)
    assert.equal(resilience.openCircuits().length, 1)
  })

  it('an answer that is no failure of the server opens nothing', async t => {
    const { get, hits, answers } = await server(t)
    answers(404)
    for (let n = 0; n < 30; n += 1) assert.equal(await get('/bad'), 404)
    assert.equal(hits(), 30)
  })

  it('asks a server at most 15 things at once', async t => {
    const { get, gate, most } = await server(t)
    const { promise, resolve } = Promise.withResolvers<void>()
    gate.wait = promise
    const asked = Array.from({ length: 40 }, (_, n) => get(`/good/${n}`))
    while (most() < 15) await setImmediate()
    // Time enough for others to come in, if they could.
    for (let n = 0; n < 50; n += 1) await setImmediate()
    resolve()
    assert.deepEqual(new Set(await Promise.all(asked)), new Set([200]))
    assert.equal(most(), 15)
  })
})
