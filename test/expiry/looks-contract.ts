import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type DatabaseAdapter, isMmfError, MmfError, remove, update } from '@mmf/framework'
import { outboxTable } from '@mmf/framework/embedded'
import { createManualClock, type ManualClock } from '../../layer/framework/src/testing/manual-clock.ts'
import { continueLook, lookForExpiring } from '../../plugins/marty/certificates/expiry/look-for-expiring.ts'
import { expiryLooks } from '../../plugins/marty/certificates/tables/expiry-looks.ts'
import { expiryNotices } from '../../plugins/marty/certificates/tables/expiry-notices.ts'
import { expiringCertificates } from '../../plugins/marty/directory/queries/expiring-certificates.ts'
import { publicKeys } from '../../plugins/marty/directory/tables/pkd-public-keys.ts'
import {
  call,
  contextOn,
  day,
  directoryRow,
  eventsIn,
  fill,
  fingerprintOf,
  hurried,
  inDays,
  publishedIn,
  start,
} from './expiry-set.ts'

const { signal } = new AbortController()

/** What looks for expiring certificates promise, on an adapter. */
export function looksContract(
  name: string,
  open: (options: { clock: ManualClock }) => Promise<DatabaseAdapter>,
  options: { readonly skip?: string | false; readonly brief?: boolean } = {},
): void {
  describe(`looks for expiring certificates: ${name}`, { skip: options.skip ?? false }, () => {
    const clock = createManualClock(start)
    let database: DatabaseAdapter
    before(async () => {
      database = await open({ clock })
    })
    after(() => database.close())
    beforeEach(async () => {
      clock.set(start)
      await empty(database)
    })

    const look = (on = database, begin: 'anew' | 'resume' = 'anew', given = call()) =>
      lookForExpiring(contextOn(on, clock), expiringCertificates({ database: on }, signal), begin, given)
    const numbered = (count: number, notAfter: string) =>
      Array.from({ length: count }, (_, i) => directoryRow(i, notAfter))
    const all = (count: number, threshold: number) =>
      Array.from({ length: count }, (_, i) => `${fingerprintOf(i)} ${threshold}`).sort()

    it('two looks at once tell of each certificate once', async () => {
      await fill(database, numbered(65, inDays(10)))
      const both = await Promise.all([look(), look(), look()])
      assert.equal(
        both.reduce((sum, { told }) => sum + told, 0),
        65,
      )
      assert.deepEqual(await publishedIn(database), all(65, 15))
      clock.set(inDays(8))
      await Promise.all([look(), look(), look()])
      assert.deepEqual(await publishedIn(database), [...all(65, 15), ...all(65, 3)].sort())
    })

    it('goes on by events where its time is over; a step that is delivered again is done once', async () => {
      // One notAfter for all, and more than a page in one shard: only the cursor tells them apart.
      const rows = Array.from({ length: 230 }, (_, i) => directoryRow(16 * i, inDays(10)))
      await fill(database, [...rows, ...numbered(16, inDays(10)).slice(1)])
      assert.equal((await look(database, 'anew', hurried())).complete, false)
      const context = contextOn(database, clock)
      const done = new Set<number>()
      for (;;) {
        const asked = await eventsIn(database, 'expiry_look_continued')
        const next = asked.find(({ step }) => !done.has(step))
        if (next === undefined) break
        done.add(next.step)
        const given = done.size < 4 ? hurried() : call()
        const again = () => continueLook(context, expiringCertificates({ database }, signal), next, given)
        await Promise.all([again(), again()])
        await again()
        if (done.size === 1) assert.equal((await publishedIn(database)).length, rows.length, 'the second page')
      }
      assert.equal(done.size, (await eventsIn(database, 'expiry_look_continued')).length)
      assert.equal(done.size, 4, 'one page a step while there is no time, then all the rest')
      assert.deepEqual(
        await publishedIn(database),
        [...rows.map((_, i) => 16 * i), ...Array.from({ length: 15 }, (_, i) => i + 1)]
          .map(number => `${fingerprintOf(number)} 15`)
          .sort(),
      )
    })

    it('what is withdrawn after it was read is not published, and keeps back no other', async () => {
      await fill(database, numbered(5, inDays(10)))
      let first = true
      const late: DatabaseAdapter = {
        ...database,
        async transaction(writes, given) {
          const key = { fingerprint: fingerprintOf(0) }
          if (first) await database.write(update(publicKeys, key, { status: 'withdrawn' }))
          first = false
          await database.transaction(writes, given)
        },
      }
      assert.deepEqual(await look(late), { told: 4, complete: true })
      assert.equal(
        (await publishedIn(database)).some(one => one.startsWith(fingerprintOf(0))),
        false,
      )
    })

    // The rest does not depend on the adapter.
    if (options.brief === true) return

    it('tells of each threshold once, of the lowest that was reached, and not of what is withdrawn or long over', async () => {
      await fill(database, [
        directoryRow(1, inDays(90.5)),
        directoryRow(2, inDays(90)),
        directoryRow(3, inDays(20)),
        directoryRow(4, inDays(-2)),
        directoryRow(5, inDays(-8)),
        directoryRow(6, inDays(20), { status: 'withdrawn' }),
      ])
      assert.deepEqual(await look(), { told: 3, complete: true })
      assert.deepEqual(await look(), { told: 0, complete: true })
      const told = await eventsIn(database, 'certificate_expiring')
      assert.deepEqual(told.map(one => [one.fingerprint, one.threshold, one.daysRemaining]).sort(), [
        [fingerprintOf(2), 90, 90], [fingerprintOf(3), 30, 20], [fingerprintOf(4), 0, -2],
      ].sort()) // biome-ignore format: a table
      clock.set(inDays(19.5))
      assert.deepEqual(await look(), { told: 2, complete: true })
      clock.set(inDays(80))
      assert.deepEqual(await look(), { told: 3, complete: true })
      assert.deepEqual(
        (await publishedIn(database)).filter(one => !one.startsWith(fingerprintOf(4))),
        [
          `${fingerprintOf(1)} 90`, `${fingerprintOf(1)} 15`, `${fingerprintOf(2)} 90`, `${fingerprintOf(2)} 15`,
          `${fingerprintOf(3)} 30`, `${fingerprintOf(3)} 1`, `${fingerprintOf(3)} 0`,
        ].sort(),
      ) // biome-ignore format: a table
    })

    it('a look that dies half-way loses nothing, and nothing is published twice', async () => {
      await fill(database, numbered(65, inDays(10)))
      for (const survived of [0, 1]) {
        let left = survived
        const dying: DatabaseAdapter = {
          ...database,
          async transaction(writes, given) {
            if (left-- <= 0) throw new MmfError('database_unavailable')
            await database.transaction(writes, given)
          },
        }
        await assert.rejects(look(dying), error => isMmfError(error, 'database_unavailable'))
      }
      assert.ok((await publishedIn(database)).length < 65)
      clock.advance(day / 4)
      assert.equal((await look(database, 'resume')).complete, true)
      assert.deepEqual(await publishedIn(database), all(65, 15))
    })

    it('the next look goes on where one without time stopped, a day later from the beginning', async () => {
      await fill(
        database,
        [0, 15].map(number => directoryRow(number, inDays(10))),
      )
      assert.deepEqual(await look(database, 'anew', hurried()), { told: 1, complete: false })
      await fill(database, [directoryRow(32, inDays(10))])
      clock.advance(day / 4)
      // The first shard is behind it: what came there since is found by the next one.
      assert.deepEqual(await look(database, 'resume'), { told: 1, complete: true })
      assert.deepEqual(await look(database, 'resume', hurried()), { told: 1, complete: false })
      await fill(database, [directoryRow(48, inDays(10))])
      clock.advance(2 * day)
      assert.deepEqual(await look(database, 'resume'), { told: 1, complete: true })
      assert.equal((await publishedIn(database)).length, 4)
    })

    it('only certificates that expire in the time asked about are read, however many there are', async () => {
      await fill(database, [
        ...numbered(300, inDays(400)),
        directoryRow(3000, inDays(10)),
        directoryRow(3001, inDays(-40)),
      ])
      let read = 0
      const counting: DatabaseAdapter = {
        ...database,
        async query(table, query, given) {
          const page = await database.query(table, query, given)
          read += page.rows.length
          return page
        },
      }
      await look(counting)
      assert.equal(read, 1)
      assert.equal((await publishedIn(database)).length, 1)
    })

    it('a long pause ends with the lowest threshold, also of what expired meanwhile; other thresholds count from the next look on', async () => {
      await fill(database, numbered(3, inDays(95)))
      await look()
      clock.set(inDays(300))
      assert.deepEqual(await look(), { told: 3, complete: true })
      assert.deepEqual(await publishedIn(database), all(3, 0))
      await fill(database, [directoryRow(9, inDays(340))])
      await look()
      const changed = contextOn(database, clock, [45, 10])
      assert.equal((await lookForExpiring(changed, expiringCertificates({ database }, signal), 'anew', call())).told, 1)
      assert.deepEqual((await publishedIn(database)).slice(-2), [`${fingerprintOf(9)} 45`, `${fingerprintOf(9)} 60`])
    })

    it('a clock that stepped back tells of nothing again and loses nothing', async () => {
      await fill(database, numbered(2, inDays(2)))
      clock.set(inDays(1.5))
      assert.equal((await look()).told, 2)
      clock.set(start)
      assert.equal((await look()).told, 0)
      clock.set(inDays(2.5))
      assert.equal((await look()).told, 2)
      assert.deepEqual(await publishedIn(database), [...all(2, 0), ...all(2, 1)].sort())
    })
  })
}

async function empty(database: DatabaseAdapter): Promise<void> {
  await database.write(remove(expiryLooks, { place: 'public_key_directory' }))
  for (let digit = 0; digit < 16; digit += 1) {
    const partition = `001-${digit.toString(16)}`
    for (;;) {
      const { rows } = await database.query(publicKeys, { index: 'by_shard', partition, limit: 40 })
      if (rows.length === 0) break
      await database.transaction(
        rows.flatMap(({ fingerprint }) => [
          remove(publicKeys, { fingerprint }),
          remove(expiryNotices, { fingerprint, place: 'public_key_directory' }),
        ]),
      )
    }
  }
  for (let queue = 0; queue < 8; queue += 1) {
    for (;;) {
      const query = { index: 'pending', partition: `pending-${queue}`, limit: 100 } as const
      const { rows } = await database.query(outboxTable, query)
      if (rows.length === 0) break
      await database.transaction(rows.map(({ id }) => remove(outboxTable, { id })))
    }
  }
}
