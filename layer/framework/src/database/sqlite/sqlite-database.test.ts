import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { databaseContract } from '../../testing/database-contract.ts'
import { createMemoryDatabase } from './memory-database.ts'
import { createSqliteDatabase } from './sqlite-database.ts'

const folder = mkdtempSync(join(tmpdir(), 'mmf-sqlite-'))
after(() => rmSync(folder, { recursive: true }))

databaseContract('SQLite file', ({ clock }) => createSqliteDatabase({ file: join(folder, 'contract.db'), clock }))
databaseContract('SQLite memory', ({ clock }) => createMemoryDatabase({ clock }))
