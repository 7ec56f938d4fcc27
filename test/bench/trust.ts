import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DatabaseAdapter, systemClock } from '@mmf/framework'
import { type Certificate, parseCertificate } from '@mmf/pki'
import { createSqliteDatabase } from '../../layer/framework/src/database/sqlite/sqlite-database.ts'
import { trustStoreOf } from '../../plugins/marty/trust/store/trust-store.ts'
import { csca, linkCertificate, manyCscas } from '../http/support/trust-anchors.fixture.ts'
import { trustTables, writerOn, writeSet } from '../trust/trust-set.ts'
import { atMost, type BenchResult } from './result.ts'

const lookups = 2000

/**
 * The trust store with ten thousand and a hundred thousand anchors in a file: what a lookup costs, whether writing grows with the store,
 * what memory it takes. Claimed: lookups are flat, writing is linear, memory does not grow with the store.
 * @param sizes two numbers of anchors, the second a multiple of the first
 */
export async function benchTrust(
  sizes: readonly [number, number] = [10_000, 100_000],
): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'marty-bench-trust-'))
  const database = createSqliteDatabase({ file: join(folder, 'trust.sqlite'), clock: systemClock })
  try {
    await database.open(trustTables)
    return await measure(database, sizes)
  } finally {
    await database.close()
    rmSync(folder, { recursive: true })
  }
}

async function measure(database: DatabaseAdapter, sizes: readonly [number, number]): Promise<readonly BenchResult[]> {
  const old = csca('QA')
  const target = parseCertificate(linkCertificate(old, csca('QA', 2)))
  await writeSet(writerOn(database, systemClock), [old.der], 'the one')
  const found: { anchors: number; lookup: number; rate: number; heap: number }[] = []
  let written = 0
  const [perChange] = sizes
  for (const size of sizes) {
    let spent = 0
    const before = written
    while (written < size) {
      const certificates = manyCscas(perChange, `set ${written}`)
      const started = performance.now()
      await writeSet(writerOn(database, systemClock), certificates, `set ${written}`)
      spent += performance.now() - started
      written += perChange
    }
    const lookup = await lookupTime(database, target)
    globalThis.gc?.()
    const heap = process.memoryUsage().heapUsed / 1e6
    found.push({ anchors: size, lookup, rate: (written - before) / (spent / 1000), heap })
  }
  const [few, many] = found
  if (few === undefined || many === undefined) return []
  return [
    { name: `lookup of an issuer's anchors among ${few.anchors}`, value: few.lookup, unit: 'µs' },
    { name: `the same among ${many.anchors}`, value: many.lookup, unit: 'µs' },
    atMost(2, '×', 'lookups are flat: ten times the anchors cost', many.lookup / few.lookup),
    { name: `anchors written per second up to ${many.anchors}`, value: many.rate, unit: '/s' },
    atMost(1.5, '×', 'writing is linear: an anchor costs, later against first', few.rate / many.rate),
    atMost(2, '×', 'memory does not grow with the store', many.heap / few.heap),
  ]
}

/** Microseconds for one walk from a certificate to its anchors, as a validation does it. */
async function lookupTime(database: DatabaseAdapter, target: Certificate): Promise<number> {
  const store = trustStoreOf({ database })
  const time = new Date('2026-06-01T00:00:00Z')
  const once = async () => {
    const generation = await store.currentGeneration()
    const { anchors } = await store.anchorsForIssuer({ target, purposes: ['csca'], generation, time })
    if (anchors.length !== 1) throw new Error(`${anchors.length} anchors`)
  }
  for (let i = 0; i < 100; i++) await once()
  const started = performance.now()
  for (let i = 0; i < lookups; i++) await once()
  return ((performance.now() - started) * 1000) / lookups
}
