import assert from 'node:assert/strict'
import { test } from 'node:test'
import { put } from '@mmf/framework'
import { parseCertificate, parseCrl } from '@mmf/pki'
import { createMemoryDatabase } from '../../layer/framework/src/database/sqlite/memory-database.ts'
import { createManualClock } from '../../layer/framework/src/testing/manual-clock.ts'
import { createRoot, testKey } from '../../layer/pki/src/testing/index.ts'
import { storedNameKeys } from '../../plugins/marty/certificates/stored-name-keys.ts'
import { queryPartitions } from '../../plugins/marty/certificates/stored-partitions.ts'
import { certificateFields } from '../../plugins/marty/directory/entry/certificate-entry.ts'
import type { PkdContext } from '../../plugins/marty/directory/operation.ts'
import { bestRow, certificateQuery, matchingRowsOf } from '../../plugins/marty/directory/queries/certificate-query.ts'
import { publicKeys } from '../../plugins/marty/directory/tables/pkd-public-keys.ts'
import { changeTrust } from '../../plugins/marty/trust/changes/change-trust.ts'
import { newEntry, nextEntry } from '../../plugins/marty/trust/changes/entry-plan.ts'
import { certificateRow } from '../../plugins/marty/trust/store/certificate-facts.ts'
import { trustStoreOf } from '../../plugins/marty/trust/store/trust-store.ts'
import { trustCertificates } from '../../plugins/marty/trust/tables/trust-certificates.ts'
import { longLived } from '../http/support/trust-anchors.fixture.ts'
import { trustTables, writerOn } from './trust-set.ts'

// Written by the version before names were folded by RFC 3454 table B.2: `nameKey` and `issuerSerialKey` of these names.
const before = {
  'C=UT, O=Weiße Straße, CN=CSCA': {
    key: 'b77e8675bf62bff7d2746e39f864d7445795746e63b0eaa8c2422dcec21a15f1',
    serial5: '27c3603617418c32ae7b7e2bd025ef8592f62feaf8661b2adcf534305e729787',
  },
  'C=UT, O=Weiße Straße, CN=Signer': { key: 'eb2a5d7b5391d0705a7fdd93bac456956f932a52504e677fd970ab5ed1c97dfa' },
} as const

const subject = 'C=UT, O=Weiße Straße, CN=CSCA'
const authority = createRoot(subject, { ...longLived, key: testKey('p256', 'earlier keys') })
const { signal } = new AbortController()
const clock = createManualClock()
const at = new Date('2026-06-01T00:00:00Z')

test('the key of a name is what it was, but for names with letters that are folded otherwise now', () => {
  const names = ['C=UT, O=Österreich Ñandú, CN=Łódź', 'C=UT, O=Passport Office, CN=CSCA', 'C=UT, O=Ministère, CN=É']
  for (const text of names) assert.equal(storedNameKeys(parseCertificate(createRoot(text).der).subject).length, 1)
  const keys = storedNameKeys(parseCertificate(authority.der).subject)
  assert.equal(keys.length, 2)
  assert.equal(keys[1], before[subject].key)
})

/** A store as the earlier version left it. */
async function storeOfBefore() {
  const database = createMemoryDatabase({ clock })
  await database.open([...trustTables, publicKeys])
  const certificate = parseCertificate(authority.der)
  const key = { region: 'UT', subjectHash: before[subject].key }
  await changeTrust(
    writerOn(database, clock),
    { action: 'anchor_added', principal: 'admin' },
    async () => ({
      entries: [
        { ...newEntry(certificate, [{ source: 'administrator', kind: 'anchor', purposes: ['csca'] }]), ...key },
      ],
      content: [put(trustCertificates, certificateRow(certificate, key))],
      record: {},
      activation: () => [],
    }),
    { signal },
  )
  return { database, certificate, store: trustStoreOf({ database }) }
}

test('an anchor that an earlier version stored is found, its history goes on, and distrusting it holds', async () => {
  const { database, certificate, store } = await storeOfBefore()
  const target = parseCertificate(authority.issue('C=UT, CN=Signer', longLived).der)
  const ask = async (intermediates = [certificate]) =>
    store.anchorsForIssuer({
      target,
      intermediates,
      purposes: ['csca'],
      generation: await store.currentGeneration(),
      time: at,
    })

  const found = await ask([])
  assert.deepEqual(
    found.anchors.map(({ fingerprint }) => fingerprint),
    [certificate.fingerprint],
  )
  const known = (await store.byFingerprint(certificate.fingerprint, 1))?.row
  assert.ok(known)
  await changeTrust(
    writerOn(database, clock),
    { action: 'anchor_distrusted', principal: 'admin', reason: 'lost' },
    async () => ({
      entries: [nextEntry(known, { status: 'distrusted' })],
      content: [],
      record: {},
      activation: () => [],
    }),
    { signal },
  )

  const refused = await ask()
  assert.deepEqual([refused.anchors, refused.intermediates], [[], []])
  assert.equal((await store.history(certificate.fingerprint, 2)).length, 2)
  // The same name and key under another certificate of the request: distrust is about the entity.
  const twin = createRoot('C=UT, O=WEISSE STRASSE, CN=CSCA', {
    ...longLived,
    key: testKey('p256', 'earlier keys'),
    serial: 77,
  })
  assert.deepEqual((await ask([parseCertificate(twin.der)])).intermediates, [])
})

test('a certificate of the directory that an earlier version stored is found by subject and by issuer and serial number', async () => {
  const database = createMemoryDatabase({ clock })
  await database.open([publicKeys])
  const der = authority.issue('C=UT, O=Weiße Straße, CN=Signer', { ...longLived, serial: 5 }).der
  const now = at.toISOString()
  const row = {
    ...certificateFields(parseCertificate(der)),
    status: 'published',
    collection: '001',
    conformance: 'unverified',
    findings: [] as string[],
    rank: '1',
    shard: '001.a',
    source: 'test',
    principal: 'admin',
    createdAt: now,
    updatedAt: now,
    revision: 1,
  } as const
  const stored = {
    ...row,
    subjectKey: before['C=UT, O=Weiße Straße, CN=Signer'].key,
    issuerSerial: before[subject].serial5,
  }
  await database.transaction([put(publicKeys, stored)], { signal })
  const context = { database } as unknown as PkdContext
  for (const reference of [
    { subject: 'CN=Signer,O=Weiße Straße,C=UT' },
    { subject: 'cn=signer,o=WEIßE STRAßE,c=ut' },
    { issuer: 'CN=CSCA,O=Weiße Straße,C=UT', serialNumber: '05' },
  ]) {
    const { via, matches } = certificateQuery(reference)
    assert.ok(via)
    assert.equal((await bestRow(context, via, matches, signal))?.fingerprint, stored.fingerprint, reference.subject)
    const page = await matchingRowsOf(context, via, { matches, limit: 5, rowsLeft: { rows: 100 }, signal })
    assert.equal(page.rows.length, 1)
  }
  // Written again, it is found by every spelling.
  await database.transaction([put(publicKeys, row)], { signal })
  const { via, matches } = certificateQuery({ subject: 'CN=SIGNER,O=WEISSE STRASSE,C=UT' })
  assert.ok(via)
  assert.equal((await bestRow(context, via, matches, signal))?.fingerprint, row.fingerprint)
})

test('the pages of two partitions hold each row once, whatever the limit', async () => {
  const partitions = { a: [1, 2, 3], b: [4, 5] } as const
  const pageOf = async (partition: string, { limit, cursor }: { limit: number; cursor?: string }) => {
    const all: readonly number[] = partitions[partition as 'a']
    const from = Number(cursor ?? 0)
    const rows = all.slice(from, from + limit)
    return from + limit < all.length ? { rows, cursor: String(from + limit) } : { rows }
  }
  for (let limit = 1; limit < 7; limit++) {
    const found: number[] = []
    let cursor: string | undefined
    do {
      const page = await queryPartitions(['a', 'b'], { limit, cursor }, pageOf)
      assert.ok(page.rows.length <= limit)
      found.push(...page.rows)
      cursor = page.cursor
    } while (cursor !== undefined)
    assert.deepEqual(found, [1, 2, 3, 4, 5], `limit ${limit}`)
  }
})

test('the issuer of a list is looked up under both keys', () => {
  assert.equal(storedNameKeys(parseCrl(authority.crl()).issuer)[1], before[subject].key)
})
