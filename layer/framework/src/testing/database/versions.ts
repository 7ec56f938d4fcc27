import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as z from 'zod'
import { table } from '../../database/table.ts'
import { put, update } from '../../database/write.ts'
import { allRows, type DatabaseUnderTest, failure } from './harness.ts'

const Part = z.strictObject({ name: z.string() })
const common = {
  owner: z.string(),
  at: z.string(),
  text: z.string(),
  part: z.optional(Part),
  parts: z.array(Part).optional(),
}
const place = { name: 'contract_versions', partition: 'owner', sort: 'at' } as const

/** The table as one version of the code declares it. */
export const earlier = table({ ...place, row: z.strictObject({ ...common, state: z.enum(['open']) }) })

const LaterPart = z.strictObject({ ...Part.shape, size: z.int() })

/** The same table as the next version declares it: columns were added, at the top and inside, and a state. */
const later = table({
  ...place,
  row: z.strictObject({
    ...common,
    state: z.enum(['open', 'archived']),
    part: z.optional(LaterPart),
    parts: z.array(LaterPart).optional(),
    colour: z.optional(z.string()),
    shape: z.optional(z.strictObject({ sides: z.int() })),
  }),
})

/** An upgrade and the way back: each version reads the rows of the other, and none loses what only the other knows. */
export function versionContract(under: () => DatabaseUnderTest): void {
  const laterRow = (owner: string) => ({
    owner,
    at: '1',
    text: 'later',
    state: 'open' as const,
    part: { name: 'whole', size: 3 },
    parts: [
      { name: 'a', size: 1 },
      { name: 'b', size: 2 },
    ],
    colour: 'red',
    shape: { sides: 4 },
  })

  it('reads rows with columns that were added later, and does not show them', async () => {
    const { database, unique } = under()
    const owner = unique('read')
    await database.write(put(later, laterRow(owner)))
    const shown = {
      owner,
      at: '1',
      text: 'later',
      state: 'open',
      part: { name: 'whole' },
      parts: [{ name: 'a' }, { name: 'b' }],
    }
    const key = { owner, at: '1' }
    for (const row of [
      await database.get(earlier, key),
      (await database.getMany(earlier, [key]))[0],
      (await database.query(earlier, { partition: owner })).rows[0],
    ]) {
      assert.deepEqual(JSON.parse(JSON.stringify(row)), shown)
      assert.deepEqual(Object.keys(row ?? {}).toSorted(), Object.keys(shown).toSorted())
    }
  })

  it('keeps columns that were added later when a row is read, changed and written back', async () => {
    const { database, unique } = under()
    const owner = unique('rewrite')
    await database.write(put(later, laterRow(owner)))
    const row = await database.get(earlier, { owner, at: '1' })
    assert.ok(row)
    const { text: _text, ...rest } = row
    const [first, second] = row.parts ?? []
    assert.ok(first && second)
    const parts = [{ ...first, name: 'changed' }, second]
    await database.write(put(earlier, { ...rest, text: 'by the earlier version', parts }))
    assert.deepEqual(await database.get(later, { owner, at: '1' }), {
      ...laterRow(owner),
      text: 'by the earlier version',
      parts: [
        { name: 'changed', size: 1 },
        { name: 'b', size: 2 },
      ],
    })
  })

  it('leaves columns that were added later alone when fields are updated', async () => {
    const { database, unique } = under()
    const owner = unique('update')
    await database.write(put(later, laterRow(owner)))
    const row = await database.get(earlier, { owner, at: '1' })
    assert.ok(row?.part)
    const { owner: _owner, at: _at, ...changes } = { ...row, text: 'updated', part: { ...row.part, name: 'renamed' } }
    await database.write(update(earlier, { owner, at: '1' }, changes))
    const expected = { ...laterRow(owner), text: 'updated', part: { name: 'renamed', size: 3 } }
    assert.deepEqual(await database.get(later, { owner, at: '1' }), expected)
  })

  it('reads rows of the earlier version after the upgrade', async () => {
    const { database, unique } = under()
    const row = { owner: unique('old'), at: '1', text: 'earlier', state: 'open' as const }
    await database.write(put(earlier, row))
    assert.deepEqual(await database.get(later, row), row)
  })

  it('refuses to write a column that the table does not have, also to a row that carries one', async () => {
    const { database, unique } = under()
    const owner = unique('strict')
    await database.write(put(later, laterRow(owner)))
    const row = await database.get(earlier, { owner, at: '1' })
    const wrong = { ...row, weight: 1 } as unknown as z.output<typeof earlier.row>
    await failure(database.write(put(earlier, wrong)), 'database_row_invalid')
    assert.deepEqual(await database.get(later, { owner, at: '1' }), laterRow(owner))
  })

  it('names the row that cannot be read, and answers the others where that was asked for', async () => {
    const { database, unique } = under()
    const owner = unique('page')
    const row = (at: string) => ({ owner, at, text: at, state: 'open' as const })
    await database.transaction(
      [1, 2, 3, 4].map(n => put(later, { ...row(`${n}`), ...(n === 2 ? { state: 'archived' as const } : {}) })),
    )
    const refused = await failure(database.query(earlier, { partition: owner }), 'database_row_invalid')
    assert.deepEqual(
      refused.errors.map(({ path }) => path),
      [`${owner}/2`],
    )
    const page = await database.query(earlier, { partition: owner, unreadable: 'report' })
    assert.deepEqual(
      page.rows.map(({ at }) => at),
      ['1', '3', '4'],
    )
    assert.deepEqual(page.unreadable, [
      { table: 'contract_versions', key: { owner, at: '2' }, id: `${owner}/2`, reason: 'database_row_invalid: state' },
    ])
    const pages = await allRows(database, earlier, {
      partition: owner,
      limit: 1,
      unreadable: 'report',
      descending: true,
    })
    assert.deepEqual(
      pages.map(({ at }) => at),
      ['4', '3', '1'],
    )
    await failure(database.get(earlier, { owner, at: '2' }), 'database_row_invalid')
    await failure(
      database.getMany(earlier, [
        { owner, at: '1' },
        { owner, at: '2' },
      ]),
      'database_row_invalid',
    )
  })
}
