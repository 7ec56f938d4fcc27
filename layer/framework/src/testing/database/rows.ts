import assert from 'node:assert/strict'
import { it } from 'node:test'
import { check, insert, put, remove, update } from '../../database/write.ts'
import { type DatabaseUnderTest, failure } from './harness.ts'
import { binaries, documents, entries, numbers } from './tables.ts'

/** Rows: stored as given, found by key, changed and removed. */
export function rowContract(under: () => DatabaseUnderTest): void {
  it('gives back what was put, bytes, null, nested values and numbers included', async () => {
    const { database, unique } = under()
    const row = {
      id: unique('row'),
      count: -12.5,
      text: 'Žluťoučký kůň 🐎\u0000 end',
      flag: false,
      bytes: Uint8Array.of(0, 255, 128),
      nothing: null,
      list: ['', 1, true, null, ['deep', { a: 1e-7 }]],
      map: { a: { b: [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER] }, 'with space': 'x' },
    }
    await database.write(put(documents, row))
    assert.deepEqual(await database.get(documents, { id: row.id }), row)
    const found = await database.get(documents, { id: row.id })
    assert.ok(found?.bytes instanceof Uint8Array)
  })

  it('keeps bytes inside lists', async () => {
    const { database, unique } = under()
    const id = unique('bytes')
    await database.write(put(documents, { id, list: [Uint8Array.of(1, 2), Uint8Array.of()] }))
    const row = await database.get(documents, { id })
    assert.deepEqual(row?.list, [Uint8Array.of(1, 2), Uint8Array.of()])
  })

  it('drops undefined fields and answers undefined for an absent row', async () => {
    const { database, unique } = under()
    const id = unique('undefined')
    await database.write(put(documents, { id, text: undefined }))
    assert.deepEqual(Object.keys((await database.get(documents, { id })) ?? {}), ['id'])
    assert.equal(await database.get(documents, { id: unique('none') }), undefined)
  })

  it('replaces the whole row with put, and only the named fields with update', async () => {
    const { database, unique } = under()
    const id = unique('replace')
    await database.write(put(documents, { id, text: 'a', count: 1 }))
    await database.write(put(documents, { id, count: 2 }))
    assert.deepEqual(await database.get(documents, { id }), { id, count: 2 })
    await database.write(update(documents, { id }, { text: 'b', count: undefined, order: 'reserved word' }))
    assert.deepEqual(await database.get(documents, { id }), { id, text: 'b', order: 'reserved word' })
  })

  it('inserts once, never updates what is absent, removes quietly', async () => {
    const { database, unique } = under()
    const id = unique('insert')
    const absent = await failure(database.write(update(documents, { id }, { text: 'x' })), 'database_conflict')
    assert.deepEqual(absent.members['failed'], [0])
    assert.equal(await database.get(documents, { id }), undefined)
    await database.write(insert(documents, { id, text: 'first' }))
    await failure(database.write(insert(documents, { id, text: 'second' })), 'database_conflict')
    assert.equal((await database.get(documents, { id }))?.text, 'first')
    await database.write(remove(documents, { id }))
    await database.write(remove(documents, { id }))
    await failure(database.write(remove(documents, { id }, { when: 'present' })), 'database_conflict')
    await failure(database.write(check(documents, { id }, 'present')), 'database_conflict')
    await database.write(check(documents, { id }, 'absent'))
  })

  it('finds rows by number and by bytes', async () => {
    const { database } = under()
    await database.write(put(numbers, { group: -1.5, value: 0, label: 'zero' }))
    assert.equal((await database.get(numbers, { group: -1.5, value: -0 }))?.label, 'zero')
    await database.write(put(binaries, { group: Uint8Array.of(0), part: Uint8Array.of(0, 0) }))
    assert.ok(await database.get(binaries, { group: Uint8Array.of(0), part: Uint8Array.of(0, 0) }))
    assert.equal(await database.get(binaries, { group: Uint8Array.of(0), part: Uint8Array.of(0) }), undefined)
  })

  it('answers many keys in their order, the same key twice too', async () => {
    const { database, unique } = under()
    const [a, b] = [unique('many'), unique('many')]
    await database.write(put(documents, { id: a, text: 'a' }))
    await database.write(put(documents, { id: b, text: 'b' }))
    const rows = await database.getMany(documents, [{ id: b }, { id: unique('none') }, { id: a }, { id: b }])
    assert.deepEqual(
      rows.map(row => row?.text),
      ['b', undefined, 'a', 'b'],
    )
    assert.deepEqual(await database.getMany(documents, []), [])
  })

  it('refuses rows and keys that do not match the table, naming the field and not the value', async () => {
    const { database, unique } = under()
    const id = unique('invalid')
    const wrong = await failure(
      database.write(put(documents, { id, text: 7 as unknown as string })),
      'database_row_invalid',
    )
    assert.deepEqual(
      wrong.errors.map(error => error.path),
      ['text'],
    )
    const unknown = { id, colour: 'red' } as unknown as { id: string }
    await failure(database.write(put(documents, unknown)), 'database_row_invalid')
    await failure(database.write(update(documents, { id }, { colour: 'red' } as object)), 'database_row_invalid')
    await failure(database.write(update(documents, { id }, {})), 'database_row_invalid')
    await failure(database.write(update(documents, { id }, { id: 'other' })), 'database_row_invalid')
    await failure(database.write(put(documents, { id: '' })), 'database_row_invalid')
    await failure(database.write(put(documents, { id, text: '\ud800' })), 'database_row_invalid')
    await failure(database.get(documents, {} as { id: string }), 'database_row_invalid')
    await failure(database.get(numbers, { group: 1, value: '1' as unknown as number }), 'database_row_invalid')
    await failure(database.write(put(entries, { owner: id, at: '1', text: '' })), 'database_row_invalid')
    assert.equal(await database.get(documents, { id }), undefined)
  })

  it('an aborted signal stops before anything is done', async () => {
    const { database, unique } = under()
    const id = unique('aborted')
    const signal = AbortSignal.abort()
    await failure(database.write(put(documents, { id }), { signal }), 'deadline_exceeded')
    await failure(database.transaction([put(documents, { id })], { signal }), 'deadline_exceeded')
    await failure(database.get(documents, { id }, { signal }), 'deadline_exceeded')
    await failure(database.getMany(documents, [{ id }], { signal }), 'deadline_exceeded')
    await failure(database.query(entries, { partition: id }, { signal }), 'deadline_exceeded')
    assert.equal(await database.get(documents, { id }), undefined)
  })

  it('answers a ping', async () => {
    await under().database.ping()
  })
}
