import { systemClock } from '../../clock/clock.ts'
import { createSqliteDatabase } from '../../database/sqlite/sqlite-database.ts'
import { put } from '../../database/write.ts'
import { documents, entries } from './tables.ts'

// A process to be killed: writes one generation of 600 rows after another and switches to each. Arguments: the file. Prints what was answered.
const [file = ''] = process.argv.slice(2)
const database = createSqliteDatabase({ file, clock: systemClock })
await database.open([documents, entries])
const before = (await database.get(documents, { id: 'set' }))?.count ?? 0

for (let generation = before + 1; ; generation++) {
  for (let i = 0; i < 600; i += 50) {
    const rows = Array.from({ length: 50 }, (_, j) => ({ owner: `set#${generation}`, at: `${1000 + i + j}` }))
    await database.transaction(rows.map(row => put(entries, { ...row, note: `${generation}` })))
  }
  await database.write(put(documents, { id: 'set', count: generation }))
  process.stdout.write(`${generation}\n`)
}
