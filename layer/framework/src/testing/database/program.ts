import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { Condition, Write } from '../../database/database.ts'
import type { RowOf } from '../../database/table.ts'
import { check, put, remove, update } from '../../database/write.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import { allRows, type DatabaseUnderTest } from './harness.ts'
import { entries } from './tables.ts'

type Entry = RowOf<typeof entries>
type Status = NonNullable<Entry['status']>

/** A change in the program's own words, so that model and database get it from one source. */
interface Change {
  readonly kind: 'put' | 'update' | 'remove' | 'check'
  readonly owner: string
  readonly at: string
  readonly fields: Omit<Entry, 'owner' | 'at'>
  readonly when: 'none' | 'absent' | 'present' | { readonly field: 'rank' | 'status'; readonly value: number | Status }
}

type Step =
  | { readonly do: 'change'; readonly changes: readonly Change[] }
  | { readonly do: 'pass'; readonly seconds: number }
  | {
      readonly do: 'range'
      readonly owner: string
      readonly from: string
      readonly limit: number
      readonly descending: boolean
    }
  | { readonly do: 'status'; readonly status: Status; readonly limit: number; readonly descending: boolean }

const names = ['a', 'b', 'bé', 'c'] as const
const statuses = ['open', 'done'] as const
const ranks = [-1, 0, 1.5, 20] as const

const fields = fc.record(
  {
    status: fc.constantFrom(...statuses),
    rank: fc.constantFrom(...ranks),
    text: fc.constantFrom('x', 'y'),
    expires: fc.integer({ min: 5, max: 60 }),
  },
  { requiredKeys: [] },
)
const when = fc.oneof(
  fc.constantFrom('none' as const, 'none' as const, 'absent' as const, 'present' as const),
  fc.record({ field: fc.constant('rank' as const), value: fc.constantFrom(...ranks) }),
  fc.record({ field: fc.constant('status' as const), value: fc.constantFrom(...statuses) }),
)
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('put', 'put', 'update', 'remove', 'check'),
  owner: fc.constantFrom('p', 'q'),
  at: fc.constantFrom(...names),
  fields,
  when,
})
const direction = { limit: fc.integer({ min: 1, max: 5 }), descending: fc.boolean() }
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      changes: fc.array(change, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 20 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('range' as const),
      owner: fc.constantFrom('p', 'q'),
      from: fc.constantFrom(...names),
      ...direction,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('status' as const), status: fc.constantFrom(...statuses), ...direction }),
  },
)

/** Random programs answer the same on the database and on a plain map. */
export function programContract(under: () => DatabaseUnderTest): void {
  it('random programs answer as a plain map does', async () => {
    const { programs } = under()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async steps => {
        const run = new Run(under())
        await run.clear()
        for (const next of steps) await run.step(next)
      }),
      { numRuns: programs },
    )
  })
}

class Run {
  private readonly under: DatabaseUnderTest
  private readonly prefix: string
  private rows: Entry[] = []

  constructor(under: DatabaseUnderTest) {
    this.under = under
    this.prefix = under.unique('program')
  }

  /** The index on status has no partition of our own: what earlier runs left there must go. */
  async clear(): Promise<void> {
    const { database } = this.under
    for (const status of statuses) {
      for (const { owner, at } of await allRows(database, entries, { index: 'by_status', partition: status })) {
        await database.write(remove(entries, { owner, at }))
      }
    }
  }

  async step(step: Step): Promise<void> {
    const { database, clock } = this.under
    if (step.do === 'pass') clock.advance(step.seconds * 1000)
    else if (step.do === 'change') await this.change(step.changes)
    else if (step.do === 'range') {
      const { from, limit, descending } = step
      const owner = this.owner(step.owner)
      const found = await allRows(database, entries, { partition: owner, sort: { gte: from }, limit, descending })
      const expected = this.live().filter(row => row.owner === owner && bytes(row.at, from) >= 0)
      expected.sort((a, b) => bytes(a.at, b.at) * (descending ? -1 : 1))
      assert.deepEqual(found, expected)
    } else await this.byStatus(step)
  }

  private async byStatus({ status, limit, descending }: Extract<Step, { do: 'status' }>): Promise<void> {
    const query = { index: 'by_status' as const, partition: status, limit, descending }
    const found = await allRows(this.under.database, entries, query)
    const sign = descending ? -1 : 1
    const ordered = found.map(row => row.rank ?? Number.NaN)
    assert.deepEqual(
      ordered,
      ordered.toSorted((a, b) => (a - b) * sign),
    )
    // Rows with the same rank come in no particular order.
    const key = (row: Entry) => `${row.owner}|${row.at}`
    const sorted = (rows: Entry[]) => rows.toSorted((a, b) => bytes(key(a), key(b)))
    assert.deepEqual(sorted(found), sorted(this.live().filter(row => row.status === status && row.rank !== undefined)))
  }

  private async change(given: readonly Change[]): Promise<void> {
    const distinct = [...new Map(given.map(one => [`${one.owner}|${one.at}`, one])).values()]
    const changes = distinct.map(one => ({ ...one, owner: this.owner(one.owner), fields: this.dated(one.fields) }))
    const writes = changes.map(toWrite)
    const [only] = writes
    const work = writes.length === 1 && only ? this.under.database.write(only) : this.under.database.transaction(writes)
    const failed = await work.then(
      () => [],
      error => {
        if (isMmfError(error, 'database_conflict')) return error.members['failed']
        throw error
      },
    )
    const expected = changes.flatMap((one, i) => (this.allows(one) ? [] : [i]))
    assert.deepEqual(failed, expected)
    if (expected.length === 0) for (const one of changes) this.apply(one)
  }

  private allows({ kind, owner, at, when }: Change): boolean {
    const row = this.live().find(one => one.owner === owner && one.at === at)
    if (when === 'absent' && kind !== 'update') return row === undefined
    if (row === undefined && (kind === 'update' || kind === 'check' || when === 'present')) return false
    return typeof when === 'string' ? true : row?.[when.field] === when.value
  }

  private apply({ kind, owner, at, fields }: Change): void {
    if (kind === 'check') return
    const before = this.live().find(one => one.owner === owner && one.at === at)
    this.rows = this.rows.filter(one => one.owner !== owner || one.at !== at)
    if (kind === 'put') this.rows.push({ owner, at, ...fields })
    if (kind === 'update' && before !== undefined) this.rows.push({ ...before, ...fields, text: 'updated' })
  }

  private live(): Entry[] {
    const now = this.seconds()
    return this.rows.filter(row => row.expires === undefined || row.expires > now)
  }

  private dated(fields: Change['fields']): Change['fields'] {
    return fields.expires === undefined ? fields : { ...fields, expires: this.seconds() + fields.expires }
  }

  private owner(name: string): string {
    return `${this.prefix}-${name}`
  }

  private seconds(): number {
    return Math.floor(this.under.clock.now().getTime() / 1000)
  }
}

function toWrite({ kind, owner, at, fields, when }: Change): Write {
  const key = { owner, at }
  const condition: Condition | undefined =
    when === 'none' ? undefined : typeof when === 'string' ? when : { [when.field]: when.value }
  const options = { when: condition }
  if (kind === 'put') return put(entries, { ...key, ...fields }, options)
  if (kind === 'remove') return remove(entries, key, options)
  if (kind === 'check') return check(entries, key, condition ?? 'present')
  // An update never creates; `absent` would be refused, so it stands for no condition here.
  const present = condition === 'absent' ? {} : options
  return update(entries, key, { ...fields, text: 'updated' }, present)
}

function bytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
