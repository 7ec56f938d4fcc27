import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DatabaseAdapter } from '@mmf/framework'
import { parseCertificate } from '@mmf/pki'
import { createMemoryDatabase } from '../../layer/framework/src/database/sqlite/memory-database.ts'
import { createManualClock } from '../../layer/framework/src/testing/manual-clock.ts'
import { trustStoreOf } from '../../plugins/marty/trust/store/trust-store.ts'
import { csca, linkCertificate, manyCscas } from '../http/support/trust-anchors.fixture.ts'
import { trustTables, writerOn, writeSet } from './trust-set.ts'

/** An adapter that counts what it is asked and how many rows it answers with. */
function counting(database: DatabaseAdapter) {
  const counts = { questions: 0, rows: 0 }
  const counted: DatabaseAdapter = {
    ...database,
    async get(...given) {
      const row = await database.get(...given)
      counts.questions++
      if (row !== undefined) counts.rows++
      return row
    },
    async getMany(...given) {
      const rows = await database.getMany(...given)
      counts.questions++
      counts.rows += rows.length
      return rows
    },
    async query(...given) {
      const page = await database.query(...given)
      counts.questions++
      counts.rows += page.rows.length
      return page
    },
  }
  return { counted, counts }
}

test('a lookup costs the same however many anchors there are', async () => {
  const clock = createManualClock()
  const database = createMemoryDatabase({ clock })
  await database.open(trustTables)
  const [old, renewed] = [csca('QA'), csca('QA', 2)]
  const target = parseCertificate(linkCertificate(old, renewed))
  await writeSet(writerOn(database, clock), [old.der], 'the one')

  async function cost() {
    const { counted, counts } = counting(database)
    const store = trustStoreOf({ database: counted })
    const generation = await store.currentGeneration()
    const time = new Date('2026-06-01T00:00:00Z')
    const { anchors } = await store.anchorsForIssuer({ target, purposes: ['csca'], generation, time })
    assert.equal(anchors.length, 1)
    assert.equal((await store.byFingerprint(parseCertificate(old.der).fingerprint, generation))?.row.status, 'trusted')
    return counts
  }

  const few = await cost()
  await writeSet(writerOn(database, clock), manyCscas(2000), 'the others')
  assert.deepEqual(await cost(), few)
  await database.close()
})
