import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isMmfError } from '../errors/mmf-error.ts'
import { createAdmission, type LoadClass, loadClasses } from './admission.ts'

const options = { turns: 8, maxWaiting: 10, maxWaitMs: 60_000 }
const { signal } = new AbortController()
const about = (deadline = 1) => ({ deadline, signal })
const overloaded = (error: unknown) => isMmfError(error, 'overloaded') && error.headers['retry-after'] === '1'

/** Takes every turn that verifying can have. */
async function full(admission: ReturnType<typeof createAdmission>) {
  return Promise.all(Array.from({ length: options.turns }, () => admission.enter('verify', about())))
}

describe('turns of a process', () => {
  it('go to verifying before signing before imports, and in a class to the earliest deadline', async () => {
    const admission = createAdmission(options)
    const [release] = await full(admission)
    const order: string[] = []
    const asked = (
      [
        ['import', 1],
        ['sign', 9],
        ['sign', 3],
        ['verify', 7],
        ['verify', 2],
      ] as const
    ).map(async ([load, deadline]) => {
      const done = await admission.enter(load, about(deadline))
      order.push(`${load} ${deadline}`)
      done()
    })
    release?.()
    await Promise.all(asked)
    assert.deepEqual(order, ['verify 2', 'verify 7', 'sign 3', 'sign 9', 'import 1'])
  })

  it('imports hold an eighth, signing three quarters: the rest is there for verifying', async () => {
    const admission = createAdmission(options)
    const releaseImport = await admission.enter('import', about())
    let second = false
    const waits = admission.enter('import', about()).then(() => {
      second = true
    })
    for (let n = 0; n < 6; n += 1) await admission.enter('sign', about())
    const release = await admission.enter('verify', about())
    release()
    await new Promise(setImmediate)
    assert.equal(second, false)
    releaseImport()
    await waits
  })

  it('where too many wait, the one that gives way is refused at once', async () => {
    const admission = createAdmission({ ...options, maxWaiting: 2 })
    const [first, second] = await full(admission)
    const imported = assert.rejects(admission.enter('import', about()), overloaded)
    const signing = admission.enter('sign', about())
    await assert.rejects(admission.enter('import', about()), overloaded)
    const verifying = admission.enter('verify', about())
    await imported
    await assert.rejects(admission.enter('sign', about()), overloaded)
    first?.()
    second?.()
    await Promise.all([signing, verifying])
  })

  it('no one waits for ever', async () => {
    const admission = createAdmission({ ...options, maxWaitMs: 1 })
    await full(admission)
    await assert.rejects(admission.enter('verify', about()), overloaded)
  })

  it('a request whose time is over waits no longer, and holds no turn', async () => {
    const admission = createAdmission(options)
    const [release] = await full(admission)
    const late = new AbortController()
    const asked = admission.enter('verify', { deadline: 1, signal: late.signal })
    late.abort()
    await assert.rejects(asked, error => isMmfError(error, 'deadline_exceeded'))
    release?.()
    release?.()
    await admission.enter('verify', about())
    await assert.rejects(admission.enter('verify', { deadline: 1, signal: late.signal }), error =>
      isMmfError(error, 'deadline_exceeded'),
    )
  })

  it('whatever comes and goes, no more run than there are turns, and all turns come back', async () => {
    const step = fc.record({ load: fc.constantFrom(...loadClasses), ends: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async steps => {
        const admission = createAdmission({ ...options, maxWaiting: 5 })
        const held: { load: LoadClass; release: () => void }[] = []
        const asked: Promise<void>[] = []
        for (const { load, ends } of steps) {
          if (ends) held.shift()?.release()
          asked.push(
            admission.enter(load, about()).then(
              release => void held.push({ load, release }),
              error => assert.ok(overloaded(error)),
            ),
          )
          await new Promise(setImmediate)
          assert.ok(held.length <= options.turns)
          assert.ok(held.filter(one => one.load === 'sign').length <= 6)
          assert.ok(held.filter(one => one.load === 'import').length <= 1)
        }
        while (held.length > 0) {
          held.shift()?.release()
          await new Promise(setImmediate)
        }
        await Promise.all(asked)
        assert.equal((await full(admission)).length, options.turns)
      }),
      { numRuns: 50 },
    )
  })
})
