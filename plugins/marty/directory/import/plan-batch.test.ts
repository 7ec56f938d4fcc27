import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type DatabaseAdapter, isMmfError, MmfError, systemClock } from '@mmf/framework'
import { createSqliteDatabase } from '@mmf/framework/embedded'
import { parseCertificate } from '@mmf/pki'
import { createRoot, testKey } from '../../../../layer/pki/src/testing/index.ts'
import { icaoBase } from '../entries/layout.ts'
import { type EntryToWrite, ldifOf } from '../entries/write-entry.ts'
import type { CscaSource } from '../entry/conformance.ts'
import { createLdifReader } from '../ldif/ldif-reader.ts'
import { pkdCrls } from '../tables/pkd-crls.ts'
import { pkdMasterLists } from '../tables/pkd-master-lists.ts'
import { publicKeys } from '../tables/pkd-public-keys.ts'
import { pkdQuarantine } from '../tables/pkd-quarantine.ts'
import { judgeItem, planBatch } from './plan-batch.ts'

let database: DatabaseAdapter
before(async () => {
  database = createSqliteDatabase({ file: ':memory:', clock: systemClock })
  await database.open([publicKeys, pkdCrls, pkdMasterLists, pkdQuarantine])
})
after(() => database.close())

const root = createRoot('C=UT, O=Utopia, CN=CSCA')
let serial = 100
const certificate = () => root.issue('C=UT, CN=DSC', { key: testKey(), serial: ++serial }).der
const crl = () => root.crl({ entries: [{ serial: ++serial }] })

const nowhere: CscaSource = { above: async () => ({ anchors: [], links: [] }) }
const about = { importId: 'job', source: 'test', principal: 'ada', now: '2026-06-15T12:00:00.000Z' }
const { signal } = new AbortController()

const entry = (content: Uint8Array, more: Partial<EntryToWrite> = {}): EntryToWrite => ({
  kind: 'certificate',
  content,
  country: 'UT',
  collection: '001',
  ...more,
})

async function judged(ldif: string, cscas: CscaSource = nowhere) {
  const reader = createLdifReader()
  return Promise.all([...reader.push(Buffer.from(ldif)), ...reader.end()].map(item => judgeItem(item, cscas, about)))
}

const planned = async (ldif: string) => planBatch(await judged(ldif), database, about, signal)

/** A batch that is also written. */
async function imported(ldif: string) {
  const plan = await planned(ldif)
  for (const write of plan.writes) await database.write(write)
  return plan
}

const none = { processed: 1, added: 0, updated: 0, unchanged: 0, quarantined: 0, skipped: 0 }

test('entries are added once, then unchanged, and updated when they say something else', async () => {
  const one = entry(certificate())
  const first = await imported(ldifOf([one]))
  assert.deepEqual(first.counts, { ...none, added: 1 })
  assert.deepEqual([...first.collections], ['001'])
  const again = await imported(ldifOf([one]))
  assert.deepEqual([again.counts, again.writes], [{ ...none, unchanged: 1 }, []])
  const moved = await imported(ldifOf([{ ...one, collection: '003' }]))
  assert.deepEqual(moved.counts, { ...none, updated: 1 })
  assert.deepEqual(new Set(moved.collections), new Set(['001', '003']), 'both collections have changed')
})

test('the same contents twice in one batch are one write, compared with what the first of them left', async () => {
  const one = entry(certificate())
  const { counts, writes } = await imported(ldifOf([one, one, { ...one, pkdVersion: '9' }]))
  assert.deepEqual(counts, { ...none, processed: 3, added: 1, unchanged: 1, updated: 1 })
  assert.equal(writes.length, 1)
})

test('a write holds only while the row is as it was read', async () => {
  const one = entry(certificate())
  const [early, late] = [await planned(ldifOf([one])), await planned(ldifOf([{ ...one, pkdVersion: '2' }]))]
  for (const write of late.writes) await database.write(write)
  const [write] = early.writes
  assert.ok(write)
  await assert.rejects(database.write(write), error => isMmfError(error, 'database_conflict'))
})

test('the bytes of a new CRL are stored with it, of a known one they are not stored again', async () => {
  const content = crl()
  const first = await imported(ldifOf([entry(content, { kind: 'crl' })]))
  assert.deepEqual([...first.contents.values()], [new Uint8Array(content)])
  const again = await imported(ldifOf([entry(content, { kind: 'crl', collection: '003' })]))
  assert.deepEqual([again.counts.updated, again.contents.size], [1, 0])
})

test('what cannot be read goes into quarantine by its place in the file, and the records behind it are read', async () => {
  const broken = `dn: cn=broken,o=dsc,c=UT,dc=data,${icaoBase}\nobjectClass: inetOrgPerson\nuserCertificate;binary:: AQID\n`
  const { counts, writes } = await imported(`${broken}\n${ldifOf([entry(certificate())]).replace(/^version.*\n+/, '')}`)
  assert.deepEqual(counts, { ...none, processed: 2, quarantined: 1, added: 1 })
  assert.deepEqual(writes.map(({ table }) => table.name).toSorted(), ['pkd_quarantine', 'public_keys'])
})

test('a record whose row in the directory cannot be read is quarantined, and the row left as it is', async () => {
  const judgedOne = await judged(ldifOf([entry(certificate())]))
  const [one] = judgedOne
  assert.ok(one && 'candidate' in one)
  const { fingerprint } = one.candidate.row
  const getMany = async (_table: unknown, keys: readonly { fingerprint: string }[]) => {
    if (keys.length === 0) return []
    throw new MmfError('database_row_invalid', { errors: [{ path: fingerprint, message: 'status' }] })
  }
  const { counts, writes } = await planBatch(judgedOne, { getMany } as unknown as typeof database, about, signal)
  assert.deepEqual(counts, { ...none, quarantined: 1 })
  assert.deepEqual(
    writes.map(({ table }) => table.name),
    ['pkd_quarantine'],
  )
})

test('a trust store that is away ends the batch: that is no fault of the record', async () => {
  const away: CscaSource = {
    above: async () => {
      throw new MmfError('database_unavailable')
    },
  }
  await assert.rejects(judged(ldifOf([entry(certificate())]), away), error => isMmfError(error, 'database_unavailable'))
})

test('the first verification of a CRL is news, once', async () => {
  const content = crl()
  const ldif = ldifOf([entry(content, { kind: 'crl' })])
  const trusting: CscaSource = { above: async () => ({ anchors: [parseCertificate(root.der)], links: [] }) }
  const plan = async (cscas: CscaSource) => {
    const batch = await planBatch(await judged(ldif, cscas), database, about, signal)
    for (const write of batch.writes) await database.write(write)
    return batch.verifiedCrls.length
  }
  assert.deepEqual([await plan(nowhere), await plan(trusting), await plan(trusting)], [0, 1, 0])
})
