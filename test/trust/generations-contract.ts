import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type DatabaseAdapter, isMmfError } from '@mmf/framework'
import { parseCertificate } from '@mmf/pki'
import { createManualClock, type ManualClock } from '../../layer/framework/src/testing/manual-clock.ts'
import { leaseMilliseconds } from '../../plugins/marty/trust/changes/change-lease.ts'
import { trustStoreOf } from '../../plugins/marty/trust/store/trust-store.ts'
import { trustJournal } from '../../plugins/marty/trust/tables/trust-journal.ts'
import { trustState } from '../../plugins/marty/trust/tables/trust-state.ts'
import { manyCscas } from '../http/support/trust-anchors.fixture.ts'
import { dyingAfter, entriesOfGeneration, readSet, writerOn, writeSet } from './trust-set.ts'

/** Certificates of a set: six transactions of entries, more with their contents. */
const size = 600

const code = (expected: string) => (error: unknown) => isMmfError(error) && error.code === expected

/** The store's generations on a database: whole sets, whatever happens to the writer. */
export function generationsContract(
  name: string,
  makeDatabase: (given: { clock: ManualClock }) => Promise<DatabaseAdapter>,
  options: {
    readonly skip?: string | false
    /** How another process reaches the same database: arguments of `set-writer.ts`. */
    readonly writer?: () => readonly string[]
  } = {},
): void {
  const certificates = manyCscas(size)

  describe(`trust generations: ${name}`, { skip: options.skip ?? false }, () => {
    const clock = createManualClock('2026-05-01T00:00:00Z')
    let opened: DatabaseAdapter | undefined
    const database = () => opened ?? assert.fail('the database did not open')
    const writer = () => writerOn(database(), clock)
    before(async () => {
      opened = await makeDatabase({ clock })
    })
    after(() => opened?.close())

    it(`switches ${size} entries at once: a reader sees the old set or the new one`, async () => {
      assert.deepEqual(await readSet(database()), { generation: 0, marks: {} })
      const writing = writeSet(writer(), certificates, 'first').then(() => true)
      for (let done = false; !done; ) {
        done = await Promise.race([writing, new Promise<false>(resume => setTimeout(resume, 20, false))])
        const { generation, marks } = await readSet(database())
        assert.deepEqual(marks, generation === 0 ? {} : { first: size })
      }
      assert.deepEqual(await readSet(database()), { generation: 1, marks: { first: size } })
      await assertTidy()
    })

    it('a writer that dies half-way leaves the old set; the next change removes what it wrote; waking up it can do nothing', async () => {
      const { dying, wake } = dyingAfter(9, database())
      const dead = writeSet(writerOn(dying, clock), certificates, 'never')
      const outcome = dead.then(
        () => 'in force',
        error => (isMmfError(error) ? error.code : String(error)),
      )
      // The certificates go first, then the entries, some of which are there when the tenth transaction begins to wait.
      while ((await entriesOfGeneration(database(), 2)) === 0) await new Promise(resume => setTimeout(resume, 5))
      assert.deepEqual(await readSet(database()), { generation: 1, marks: { first: size } })
      await assert.rejects(writeSet(writer(), certificates.slice(0, 1), 'too early'), code('trust_change_in_progress'))
      assert.deepEqual(await readSet(database()), { generation: 1, marks: { first: size } })

      clock.advance(leaseMilliseconds + 1)
      const [only = new Uint8Array()] = certificates
      await writeSet(writer(), [only], 'second')

      assert.equal(await entriesOfGeneration(database(), 2), 1)
      const expected = { generation: 2, marks: { first: size - 1, second: 1 } }
      assert.deepEqual(await readSet(database()), expected)
      wake()
      assert.equal(await outcome, 'trust_change_in_progress')
      assert.deepEqual(await readSet(database()), expected)
      assert.equal(await entriesOfGeneration(database(), 2), 1)
      await assertTidy()
    })

    it('of two large changes at the same time one is in force, the other is refused with that reason', async () => {
      const before = await readSet(database())
      const outcomes = await Promise.allSettled(
        ['left', 'right'].map(mark => writeSet(writer(), certificates, mark).then(() => mark)),
      )
      const winners = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
      const losers = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : []))
      assert.equal(winners.length, 1)
      assert.ok(losers.every(code('trust_change_in_progress')), String(losers[0]))
      const [winner = ''] = winners
      assert.deepEqual(await readSet(database()), { generation: before.generation + 1, marks: { [winner]: size } })
      await assertTidy()
    })

    it('small changes at the same time come one after the other', async () => {
      const { generation } = await readSet(database())
      const three = certificates.slice(0, 3)
      const made = await Promise.all(three.map((der, i) => writeSet(writer(), [der], `small ${i}`)))
      assert.deepEqual(
        made.map(activation => activation.generation).sort((a, b) => a - b),
        [generation + 1, generation + 2, generation + 3],
      )
    })

    it('each moment has one generation, also while the clock stands still', async () => {
      const store = trustStoreOf({ database: database() })
      const newest = await store.currentGeneration()
      const times: number[] = []
      for (let number = 1; number <= newest; number++) {
        const { activatedAt = '' } = (await store.generation(number)) ?? {}
        times.push(Date.parse(activatedAt))
        assert.equal(await store.generationAt(new Date(activatedAt)), number)
        assert.equal(await store.generationAt(new Date(Date.parse(activatedAt) - 1)), number - 1)
      }
      assert.deepEqual(
        times,
        [...new Set(times)].sort((a, b) => a - b),
      )
      const [der = new Uint8Array()] = certificates
      const { subject, fingerprint } = parseCertificate(der)
      assert.equal((await store.byFingerprint(fingerprint, 1))?.row.provenance, 'first')
      assert.equal((await store.byFingerprint(fingerprint, 2))?.row.provenance, 'second')
      assert.equal(await store.byFingerprint(fingerprint, 0), undefined)
      assert.deepEqual(
        (await store.bySubject(subject, 2)).map(({ row }) => row.provenance),
        ['second'],
      )
    })

    const alone = options.writer === undefined && 'another process cannot reach a database in memory'
    it('after kill -9 amid a set readers see the set before it; the next change cleans up', {
      skip: alone,
    }, async () => {
      const { generation: last } = await readSet(database())
      const inForce = await killedWriter(options.writer?.() ?? [])
      // Its lease was taken by the system's clock.
      clock.set(Date.now())
      const seen = await readSet(database())
      assert.ok(seen.generation === inForce && inForce > last, `${seen.generation} after ${inForce}`)
      const ofWriter = ({ marks }: typeof seen) => Object.entries(marks).filter(([mark]) => /^\d+-\d+$/.test(mark))
      assert.deepEqual(
        ofWriter(seen).map(([, count]) => count),
        [size],
      )
      const left = await entriesOfGeneration(database(), seen.generation + 1)
      assert.ok(left > 0 && left < size, `${left} entries of a generation that never was`)

      clock.advance(leaseMilliseconds + 1000)
      const [der = new Uint8Array()] = certificates
      await writeSet(writer(), [der], 'after the kill')

      const after = await readSet(database())
      assert.deepEqual([after.generation, after.marks['after the kill']], [seen.generation + 1, 1])
      assert.deepEqual(ofWriter(after), ofWriter(seen))
      assert.equal(await entriesOfGeneration(database(), after.generation), 1)
      await assertTidy()
    })

    /** Nobody holds the store and no journal is left. */
    async function assertTidy(): Promise<void> {
      const state = await database().get(trustState, { store: 'trust' })
      assert.deepEqual(Object.keys(state ?? {}).sort(), ['activatedAt', 'current', 'store'])
      const { rows } = await database().query(trustJournal, { partition: state?.closedJournal ?? 'none' })
      assert.equal(rows.length, 0)
    }
  })
}

/** Starts a writer and kills it amid its second set. @returns the generation of the first */
async function killedWriter(args: readonly string[]): Promise<number> {
  const script = fileURLToPath(new URL('set-writer.ts', import.meta.url))
  // Certificates go first, so that after nine of thirteen transactions some of the entries are there.
  const child = spawn(process.execPath, [script, ...args, `${size}`, '9'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let inForce = 0
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'half-way') child.kill('SIGKILL')
    else inForce = Number(/^in force (\d+)$/.exec(line)?.[1])
  }
  if (child.signalCode === null && child.exitCode === null) await once(child, 'exit')
  assert.equal(child.signalCode, 'SIGKILL')
  return inForce
}
