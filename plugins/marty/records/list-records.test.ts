import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type DatabaseAdapter, defined, insert, isMmfError, systemClock } from '@mmf/framework'
import { createSqliteDatabase } from '@mmf/framework/embedded'
import fc from 'fast-check'
import { allowedFilter, listRecords, type RecordFilter } from './list-records.ts'
import { entryOf, signatureEntries } from './tables/record-entries.ts'

let database: DatabaseAdapter
before(async () => {
  database = createSqliteDatabase({ file: ':memory:', clock: systemClock })
  await database.open([signatureEntries])
  for (const record of records) await database.write(insert(signatureEntries, entryOf(record)))
})
after(() => database.close())

const start = Date.parse('2026-03-31T23:59:59.000Z')

/** An id of version 7 at a time, distinct by its last digits, which also choose the shard. */
function idAt(time: number, number: number): string {
  const digits = time.toString(16).padStart(12, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`
}

/** Some share a millisecond, and they cross the end of a month. */
const records = Array.from({ length: 60 }, (_, i) => ({
  id: idAt(start + Math.floor(i / 3) * 100, i * 7),
  principal: ['ada', 'bob', 'eve'][i % 3] as string,
  subject: ['aa', 'bb'][i % 2] as string,
  trait: ['valid', 'invalid'][i % 2] as string,
}))

const call = { signal: new AbortController().signal }

const page = (filter: RecordFilter, limit: number, more: { cursor?: string | undefined; scanned?: number } = {}) =>
  listRecords(database, { table: signatureEntries, filter, limit, earlier: [], call, ...more })

async function walked(filter: RecordFilter, limit: number, scanned?: number): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  for (let turn = 0; turn < 200; turn += 1) {
    const found = await page(filter, limit, { cursor, ...defined({ scanned }) })
    assert.ok(found.ids.length <= limit)
    ids.push(...found.ids)
    cursor = found.cursor
    if (cursor === undefined) return ids
  }
  return assert.fail('the pages do not end')
}

const time = fc.integer({ min: -5, max: 25 }).map(steps => new Date(start + steps * 100).toISOString())
const filters = fc.record(
  {
    from: time,
    to: time,
    principal: fc.constantFrom('ada', 'bob', 'nemo'),
    subject: fc.constantFrom('aa', 'bb', 'cc'),
    trait: fc.constantFrom('valid', 'invalid'),
  },
  { requiredKeys: [] },
)

const expected = ({ from, to, principal, subject, trait }: RecordFilter) =>
  records
    .filter(({ id, ...record }) => {
      const made = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
      return (
        (from === undefined || made >= Date.parse(from)) &&
        (to === undefined || made < Date.parse(to)) &&
        (principal === undefined || record.principal === principal) &&
        (subject === undefined || record.subject === subject) &&
        (trait === undefined || record.trait === trait)
      )
    })
    .map(({ id }) => id)
    .toSorted()
    .toReversed()

test('the pages of a filter give each of its records once, newest first, whatever their size', async () => {
  await fc.assert(
    fc.asyncProperty(filters, fc.integer({ min: 1, max: 70 }), async (filter, limit) => {
      assert.deepEqual(await walked(filter, limit), expected(filter))
    }),
    { numRuns: 60 },
  )
})

test('a page looks at so many entries and no more, and the next one goes on behind them', async () => {
  const filter = { principal: 'ada', subject: 'aa', trait: 'invalid' }
  const first = await page(filter, 10, { scanned: 4 })
  assert.deepEqual(first.ids, [])
  assert.ok(first.cursor !== undefined, 'a short page has a cursor')
  assert.deepEqual(await walked({ trait: 'valid' }, 5, 4), expected({ trait: 'valid' }))
})

test('a page that holds the last record has no cursor', async () => {
  const count = expected({ principal: 'ada' }).length
  assert.equal((await page({ principal: 'ada' }, count)).cursor, undefined)
  assert.notEqual((await page({ principal: 'ada' }, count - 1)).cursor, undefined)
})

test('a cursor is for its filters alone', async () => {
  const { cursor = '' } = await page({ principal: 'ada' }, 2)
  const refused = (filter: RecordFilter, given: string) =>
    assert.rejects(page(filter, 2, { cursor: given }), error => isMmfError(error, 'cursor_invalid'))
  await refused({ principal: 'bob' }, cursor)
  await refused({}, cursor)
  await refused({ principal: 'ada', to: '2027-01-01T00:00:00Z' }, cursor)
  await fc.assert(
    fc.asyncProperty(fc.string(), async text => {
      if (text !== cursor) await refused({ principal: 'ada' }, text)
    }),
  )
  // A text that decodes to the same bytes is refused as well.
  await refused({ principal: 'ada' }, `2026-01.${cursor.split('.')[1]}`)
})

test('others than auditors list their own records', () => {
  const ada = { subject: 'ada', roles: [], permissions: [], method: 'process' } as const
  assert.deepEqual(allowedFilter({ subject: 'aa' }, ada, false), { subject: 'aa', principal: 'ada' })
  assert.deepEqual(allowedFilter({ principal: 'bob' }, ada, true), { principal: 'bob' })
  assert.throws(
    () => allowedFilter({ principal: 'bob' }, ada, false),
    error => isMmfError(error, 'access_denied'),
  )
  assert.deepEqual(allowedFilter({}, undefined, false), { principal: '' }, 'no caller, no records')
  const backwards = { from: '2026-02-01T00:00:00Z', to: '2026-02-01T00:00:00+00:00' }
  assert.throws(
    () => allowedFilter(backwards, ada, true),
    error => isMmfError(error, 'validation_failed'),
  )
})
