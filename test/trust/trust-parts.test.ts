import assert from 'node:assert/strict'
import { test } from 'node:test'
import { put } from '@mmf/framework'
import { type Name, parseCertificate } from '@mmf/pki'
import { limits } from '../../layer/framework/src/database/limits.ts'
import { createMemoryDatabase } from '../../layer/framework/src/database/sqlite/memory-database.ts'
import { createManualClock } from '../../layer/framework/src/testing/manual-clock.ts'
import { createRoot, testKey } from '../../layer/pki/src/testing/index.ts'
import { batches } from '../../plugins/marty/trust/changes/write-batches.ts'
import { compareLists } from '../../plugins/marty/trust/lists/compare-lists.ts'
import { subjectKey } from '../../plugins/marty/trust/store/certificate-facts.ts'
import { contentOf, type ListContent, partsOf } from '../../plugins/marty/trust/store/list-parts.ts'
import { trustCertificates } from '../../plugins/marty/trust/tables/trust-certificates.ts'
import { trustTables } from './trust-set.ts'

const { signal } = new AbortController()
const nameOf = (text: string): Name => parseCertificate(createRoot(text, { key: testKey() }).der).subject

test('names that RFC 5280 calls equal lie together, others do not', () => {
  const key = subjectKey(nameOf('C=DE, O=bund, CN=csca-germany'))
  assert.equal(key?.region, 'DE')
  assert.deepEqual(subjectKey(nameOf('C=de, O=Bund, CN=CSCA-Germany')), key)
  assert.deepEqual(subjectKey(nameOf('C=DE, O=bund, CN=csca-germany ')), key)
  assert.notDeepEqual(subjectKey(nameOf('C=DE, O=bund, CN=csca-germany 2')), key)
  assert.notDeepEqual(subjectKey(nameOf('O=bund, CN=csca-germany')), key)
  assert.equal(subjectKey(nameOf('CN=nowhere'))?.region, '--')
  assert.equal(subjectKey(nameOf('C=Germany, CN=too long'))?.region, '--')
})

test('batches keep the limits of a transaction, with room for the two writes that go along', async () => {
  const database = createMemoryDatabase({ clock: createManualClock() })
  await database.open(trustTables)
  const row = (n: number, bytes: number) =>
    put(trustCertificates, {
      fingerprint: `${n}`,
      der: new Uint8Array(bytes),
      region: '--',
      subjectHash: 'x',
      subject: 'x'.repeat(100),
      issuer: '',
      serialNumber: '1',
    })
  const small = Array.from({ length: 250 }, (_, n) => row(n, 1500))
  const large = Array.from({ length: 25 }, (_, n) => row(1000 + n, 300 * 1024))
  const cut = [...batches([...small, ...large])]
  assert.equal(cut.flat().length, 275)
  for (const batch of cut) {
    assert.ok(batch.length <= limits.transactionWrites - 2)
    await database.transaction(batch)
  }
  assert.ok(cut.length <= 8, `${cut.length} batches`)
  await database.close()
})

test('what a list held is found again, however long it was', async () => {
  const database = createMemoryDatabase({ clock: createManualClock() })
  await database.open(trustTables)
  const kinds = ['anchor', 'link', 'quarantined'] as const
  const content: ListContent = new Map(
    Array.from({ length: 9000 }, (_, n) => [
      String(n).padStart(64, '0'),
      kinds[n % 5 === 0 ? 1 : n % 7 === 0 ? 2 : 0] ?? 'anchor',
    ]),
  )
  const writes = partsOf('list-1', content)
  for (const write of writes) await database.write(write)
  assert.ok(writes.length <= 10, `${writes.length} rows`)
  const found = await contentOf(database, 'list-1', { signal })
  assert.deepEqual(new Map([...found].sort()), new Map([...content].sort()))
  assert.deepEqual([...(await contentOf(database, 'list-2', { signal }))], [])
  await database.close()
})

test('lists differ by what came, what went, and what is judged otherwise', () => {
  const before: ListContent = new Map([
    ['a', 'anchor'],
    ['b', 'link'],
    ['c', 'quarantined'],
  ])
  const after: ListContent = new Map([
    ['b', 'link'],
    ['c', 'anchor'],
    ['d', 'anchor'],
  ])
  assert.deepEqual(compareLists(before, after), { added: ['d'], removed: ['a'], changed: ['c'] })
  assert.deepEqual(compareLists(after, after), { added: [], removed: [], changed: [] })
})
