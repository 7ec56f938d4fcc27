import { type Call, type DatabaseAdapter, put } from '@mmf/framework'
import { createEvents, createIds, outboxTable } from '@mmf/framework/embedded'
import { testCall } from '../../layer/framework/src/testing/test-call.ts'
import type { ExpiryContext } from '../../plugins/marty/certificates/expiry/expiry-source.ts'
import { defaultWarningDays } from '../../plugins/marty/certificates/expiry/warning-days.ts'
import { expiryLooks } from '../../plugins/marty/certificates/tables/expiry-looks.ts'
import { expiryNotices } from '../../plugins/marty/certificates/tables/expiry-notices.ts'
import { shardOf } from '../../plugins/marty/directory/entry/rank.ts'
import { type PublicKeyRow, publicKeys } from '../../plugins/marty/directory/tables/pkd-public-keys.ts'
import type { trustState } from '../../plugins/marty/trust/tables/trust-state.ts'
import { trustTables } from '../trust/trust-set.ts'

export const expiryTables = [publicKeys, expiryNotices, expiryLooks, outboxTable, ...trustTables] as const

export const start = Date.parse('2026-06-15T12:00:00.000Z')
export const day = 86_400_000
export const inDays = (days: number): string => new Date(start + days * day).toISOString()

type Context = ExpiryContext<typeof publicKeys | typeof trustState>

export function contextOn(database: DatabaseAdapter, clock: Context['clock'], days: readonly number[] = []): Context {
  const ids = createIds({ clock })
  const config = { certificate_expiry_warning_days: days.length === 0 ? [...defaultWarningDays] : [...days] }
  return { database, clock, ids, config, events: createEvents({ plugin: 'marty', service: 'pkd', clock, ids }) }
}

export const fingerprintOf = (number: number): string =>
  `${(number % 16).toString(16)}${number.toString(16).padStart(63, '0')}`

/** A row of the directory; nobody here looks into its certificate. */
export function directoryRow(number: number, notAfter: string, changes: Partial<PublicKeyRow> = {}): PublicKeyRow {
  const fingerprint = fingerprintOf(number)
  const now = new Date(start).toISOString()
  return {
    fingerprint, status: 'published', kind: 'dsc', collection: '001', subject: `CN=DSC ${number},C=UT`, issuer: 'C=UT',
    subjectKey: `s${number}`, issuerSerial: `i${number}`, serialNumber: '01', keyIdentifier: `k${number}`, country: 'UT',
    certificate: new Uint8Array(8), notBefore: inDays(-4000), notAfter, conformance: 'unverified', findings: [],
    rank: `r${number}`, shard: shardOf('001', fingerprint), source: 'test', principal: 'test', createdAt: now, updatedAt: now,
    revision: 1, ...changes,
  } // biome-ignore format: one row
}

export async function fill(database: DatabaseAdapter, rows: readonly PublicKeyRow[]): Promise<void> {
  for (let first = 0; first < rows.length; first += 100) {
    await database.transaction(rows.slice(first, first + 100).map(row => put(publicKeys, row)))
  }
}

interface StoredEvent {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: data is looked at member by member in assertions.
  readonly data: any
}

/** Every event in the outbox of this name, in the order of their ids. */
export async function eventsIn(database: DatabaseAdapter, name: string): Promise<readonly StoredEvent['data'][]> {
  const events: StoredEvent[] = []
  for (let queue = 0; queue < 8; queue += 1) {
    let cursor: string | undefined
    do {
      const query = { index: 'pending', partition: `pending-${queue}`, limit: 1000 } as const
      const page = await database.query(outboxTable, cursor === undefined ? query : { ...query, cursor })
      events.push(...page.rows.map(row => JSON.parse(row.event) as StoredEvent))
      cursor = page.cursor
    } while (cursor !== undefined)
  }
  return events.filter(({ type }) => type === `marty.${name}.v1`).map(({ data }) => data)
}

/** Who is told, and at which threshold, in a fixed order. */
export async function publishedIn(database: DatabaseAdapter): Promise<readonly string[]> {
  const events = await eventsIn(database, 'certificate_expiring')
  return events.map(({ fingerprint, threshold }) => `${fingerprint} ${threshold}`).sort()
}

export const call = (changes: Partial<Call> = {}): Call => testCall(changes)
/** A call whose time is over: one page, and the look goes on by an event. */
export const hurried = (): Call => testCall({ deadline: 0 })
