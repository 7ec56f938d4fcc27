import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, renameSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import * as z from 'zod'
import { systemClock } from '../../clock/clock.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import { table } from '../table.ts'
import { insert } from '../write.ts'
import { createSqliteDatabase } from './sqlite-database.ts'

const folder = mkdtempSync(join(tmpdir(), 'mmf-lost-'))
after(() => rmSync(folder, { recursive: true }))

const letters = table({ name: 'letters', row: z.strictObject({ id: z.string() }), partition: 'id' })

async function opened(name: string) {
  const file = join(folder, name)
  const database = createSqliteDatabase({ file, clock: systemClock })
  await database.open([letters])
  let next = 0
  const write = () => database.write(insert(letters, { id: `letter ${next++}` }))
  await write()
  return { file, database, write }
}

const unavailable = (work: Promise<unknown>) => assert.rejects(work, error => isMmfError(error, 'database_unavailable'))
const suffixes = ['', '-wal', '-shm']

/** What happens to the files of an open database, and what undoes it, where something does. */
const losses: Record<string, (file: string) => (() => void) | undefined> = {
  'all its files were removed': file => {
    for (const suffix of suffixes) rmSync(`${file}${suffix}`)
    return undefined
  },
  'it was moved away': file => {
    for (const suffix of suffixes) renameSync(`${file}${suffix}`, `${file}.away${suffix}`)
    return () => {
      for (const suffix of suffixes) renameSync(`${file}.away${suffix}`, `${file}${suffix}`)
    }
  },
  'its log was removed': file => {
    renameSync(`${file}-wal`, `${file}.away`)
    return () => renameSync(`${file}.away`, `${file}-wal`)
  },
  'its shared memory was removed': file => {
    renameSync(`${file}-shm`, `${file}.away`)
    return () => renameSync(`${file}.away`, `${file}-shm`)
  },
  'another file took its place': file => {
    renameSync(file, `${file}.away`)
    copyFileSync(`${file}.away`, file)
    return () => renameSync(`${file}.away`, file)
  },
  'it was truncated': file => {
    truncateSync(file)
    return undefined
  },
}

describe('a database whose file is not in its place any more', () => {
  for (const [name, lose] of Object.entries(losses)) {
    it(`takes no change when ${name}, and is not healthy`, async () => {
      const { file, database, write } = await opened(name.replaceAll(' ', '-'))
      // Pages go from the log into the file, so that there is something to truncate.
      for (let i = 0; i < 10; i += 1) await write()
      const undo = lose(file)
      await unavailable(write())
      await unavailable(database.transaction([insert(letters, { id: 'in a transaction' })]))
      await unavailable(database.ping())
      if (undo !== undefined) {
        undo()
        await write()
        await database.ping()
        assert.deepEqual(await database.get(letters, { id: 'letter 1' }), { id: 'letter 1' })
        assert.equal(await database.get(letters, { id: 'letter 11' }), undefined, 'what was refused was not written')
      }
      await database.close()
    })
  }
})
