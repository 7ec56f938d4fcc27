import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { systemClock } from '../../clock/clock.ts'
import { allRows, failure } from '../../testing/database/harness.ts'
import { documents, entries } from '../../testing/database/tables.ts'
import { table } from '../table.ts'
import { insert, put, update } from '../write.ts'
import { createSqliteDatabase } from './sqlite-database.ts'

const folder = mkdtempSync(join(tmpdir(), 'mmf-sqlite-file-'))
after(() => rmSync(folder, { recursive: true }))
const path = (name: string) => join(folder, name)
const open = (name: string, busyTimeout?: number) =>
  createSqliteDatabase({ file: path(name), clock: systemClock, busyTimeout })

describe('SQLite file', () => {
  it('after kill -9 every answered generation is there, whole', async () => {
    const script = fileURLToPath(new URL('../../testing/database/generation-writer.ts', import.meta.url))
    for (const killAfter of [1, 2]) {
      const child = spawn(process.execPath, [script, path('killed.db')], { stdio: ['ignore', 'pipe', 'inherit'] })
      let answered = 0
      let switches = 0
      for await (const line of createInterface({ input: child.stdout })) {
        answered = Number(line)
        // A little later, so that it dies amid the rows of the next generation.
        if (++switches === killAfter) setTimeout(() => child.kill('SIGKILL'), 7 * killAfter)
      }
      if (child.signalCode === null) await once(child, 'exit')
      const database = open('killed.db')
      await database.open([documents, entries])
      const active = (await database.get(documents, { id: 'set' }))?.count ?? 0
      assert.ok(active >= answered && active > 0, `answered ${answered}, found ${active}`)
      const rows = await allRows(database, entries, { partition: `set#${active}`, limit: 1000 })
      assert.equal(rows.length, 600)
      assert.ok(rows.every(row => row.note === `${active}`))
      await database.close()
    }
  })

  it('an upgrade adds a column with an index, the way back drops neither rows nor values', async () => {
    const place = { name: 'upgraded', partition: 'id' } as const
    const before = table({ ...place, row: z.strictObject({ id: z.string(), text: z.string() }) })
    const since = table({
      ...place,
      row: z.strictObject({ id: z.string(), text: z.string(), colour: z.optional(z.string()) }),
      indexes: { by_colour: { partition: 'colour', sort: 'id' } },
    })
    const run = async (
      declared: typeof before | typeof since,
      work: (database: ReturnType<typeof open>) => Promise<void>,
    ) => {
      const database = open('upgraded.db')
      await database.open([declared])
      await work(database)
      await database.close()
    }
    await run(before, database => database.write(insert(before, { id: 'a', text: 'old' })))
    await run(since, database => database.write(insert(since, { id: 'b', text: 'new', colour: 'red' })))
    await run(before, async database => {
      const row = await database.get(before, { id: 'b' })
      assert.deepEqual(Object.keys(row ?? {}), ['id', 'text'])
      if (row !== undefined) await database.write(put(before, { ...row, text: 'rolled back' }))
      await database.write(insert(before, { id: 'c', text: 'old again' }))
    })
    await run(since, async database => {
      const red = await database.query(since, { index: 'by_colour', partition: 'red' })
      assert.deepEqual(red.rows, [{ id: 'b', text: 'rolled back', colour: 'red' }])
      assert.equal((await database.get(since, { id: 'c' }))?.text, 'old again')
    })
  })

  it('a row that was damaged in the file is named, and hides no other', async () => {
    const database = open('damaged.db')
    await database.open([entries])
    for (const at of ['1', '2', '3']) await database.write(put(entries, { owner: 'o', at, text: 'same' }))
    const file = new DatabaseSync(path('damaged.db'))
    file.prepare('UPDATE t_contract_entries SET row = ? WHERE k_at = ?').run(Uint8Array.of(0xff, 1), Buffer.from('2'))
    file.close()
    for (const query of [{ partition: 'o' }, { index: 'by_text', partition: 'same' } as const]) {
      const page = await database.query(entries, { ...query, unreadable: 'report' })
      assert.deepEqual([page.rows.map(({ at }) => at), page.unreadable?.map(({ id }) => id)], [['1', '3'], ['o/2']])
      await failure(database.query(entries, query), 'database_row_invalid')
    }
    await failure(database.get(entries, { owner: 'o', at: '2' }), 'database_row_invalid')
    await database.close()
  })

  it('keeps rows across a reopen, and two adapters on one file see each other', async () => {
    const first = open('shared.db')
    await first.open([documents])
    await first.write(put(documents, { id: 'a', count: 1 }))
    const second = open('shared.db')
    await second.open([documents])
    assert.equal((await second.get(documents, { id: 'a' }))?.count, 1)
    const outcomes = await Promise.allSettled(
      [first, second].map(database => database.write(insert(documents, { id: 'race' }))),
    )
    assert.equal(outcomes.filter(outcome => outcome.status === 'fulfilled').length, 1)
    await second.write(update(documents, { id: 'a' }, { count: 2 }))
    assert.equal((await first.get(documents, { id: 'a' }))?.count, 2)
    await Promise.all([first.close(), second.close()])
  })

  it('a lock held by another process ends in database_unavailable, and nothing was written', async () => {
    const database = open('locked.db', 20)
    await database.open([documents])
    const other = new DatabaseSync(path('locked.db'))
    other.exec('BEGIN IMMEDIATE')
    const waiting = ['a', 'b'].map(id => failure(database.write(put(documents, { id })), 'database_unavailable'))
    await Promise.all(waiting)
    assert.equal(await database.get(documents, { id: 'a' }), undefined)
    other.exec('ROLLBACK')
    await database.write(put(documents, { id: 'a' }))
    other.close()
    await database.close()
  })

  it('builds an index that is declared later, and drops one that is not declared any more', async () => {
    const row = z.object({ id: z.string(), colour: z.string().optional(), until: z.number().optional() })
    const plain = table({ name: 'painted', row, partition: 'id' })
    const indexed = table({
      name: 'painted',
      row,
      partition: 'id',
      indexes: { by_colour: { partition: 'colour' } },
      ttl: 'until',
    })
    const before = open('migrated.db')
    await before.open([plain])
    const writes = Array.from({ length: 60 }, (_, i) =>
      put(plain, { id: `${i}`, colour: i % 2 ? 'red' : 'blue', until: i % 3 ? 4e9 : 1 }),
    )
    await before.transaction(writes)
    await before.close()
    const after = open('migrated.db')
    await after.open([indexed])
    assert.equal((await allRows(after, indexed, { index: 'by_colour', partition: 'red' })).length, 20)
    assert.equal(await after.get(indexed, { id: '0' }), undefined)
    await after.close()
    const again = open('migrated.db')
    await again.open([plain])
    await again.write(put(plain, { id: 'new', colour: 'red' }))
    await failure(
      again.open([table({ name: 'painted', row, partition: 'id', sort: 'colour' })]),
      'database_row_invalid',
    )
    await again.close()
  })

  it('is readable by its owner only when it makes its own folder, and says so when it is closed or damaged', async () => {
    const database = createSqliteDatabase({ file: join(folder, 'own', 'data.db'), clock: systemClock })
    await database.open([documents])
    assert.equal(statSync(join(folder, 'own')).mode & 0o077, 0)
    await database.close()
    await database.close()
    await failure(database.get(documents, { id: 'a' }), 'database_unavailable')
    await failure(database.write(put(documents, { id: 'a' })), 'database_unavailable')
    await failure(database.ping(), 'database_unavailable')
    writeFileSync(path('damaged.db'), 'this is no database, but long enough to be looked at as one'.repeat(20))
    const named = { code: 'database_unavailable', detail: `${path('damaged.db')}: file is not a database` }
    assert.throws(() => open('damaged.db'), named)
  })

  it('notices that its file was replaced or removed', async () => {
    const damage: Record<string, (file: string) => void> = {
      replaced: file => {
        copyFileSync(file, `${file}.copy`)
        renameSync(`${file}.copy`, file)
      },
      removed: file => rmSync(file),
    }
    for (const [how, spoil] of Object.entries(damage)) {
      const database = open(`${how}.db`)
      await database.open([documents])
      await database.ping()
      spoil(path(`${how}.db`))
      await failure(database.ping(), 'database_unavailable')
      await database.close()
    }
  })

  it('refuses a table that was not opened, and a row that no longer matches its schema', async () => {
    const database = open('schemas.db')
    await failure(database.get(documents, { id: 'a' }), 'database_row_invalid')
    const loose = table({ name: 'schema', row: z.object({ id: z.string(), n: z.number() }), partition: 'id' })
    const strict = table({ name: 'schema', row: z.object({ id: z.string(), n: z.string() }), partition: 'id' })
    await database.open([loose])
    await database.write(put(loose, { id: 'a', n: 1 }))
    const error = await failure(database.get(strict, { id: 'a' }), 'database_row_invalid')
    assert.deepEqual(
      error.errors.map(entry => entry.path),
      ['n'],
    )
    await database.close()
  })
})
