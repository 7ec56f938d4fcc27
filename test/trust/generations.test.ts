import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createMemoryDatabase } from '../../layer/framework/src/database/sqlite/memory-database.ts'
import { createSqliteDatabase } from '../../layer/framework/src/database/sqlite/sqlite-database.ts'
import { generationsContract } from './generations-contract.ts'
import { trustTables } from './trust-set.ts'

const folder = mkdtempSync(join(tmpdir(), 'marty-trust-'))
after(() => rmSync(folder, { recursive: true }))

generationsContract('memory', async ({ clock }) => {
  const database = createMemoryDatabase({ clock })
  await database.open(trustTables)
  return database
})

const file = join(folder, 'trust.sqlite')
generationsContract(
  'SQLite file',
  async ({ clock }) => {
    const database = createSqliteDatabase({ file, clock })
    await database.open(trustTables)
    return database
  },
  { writer: () => ['sqlite', file] },
)
