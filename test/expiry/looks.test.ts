import { createMemoryDatabase } from '../../layer/framework/src/database/sqlite/memory-database.ts'
import { expiryTables } from './expiry-set.ts'
import { looksContract } from './looks-contract.ts'

looksContract('memory', async ({ clock }) => {
  const database = createMemoryDatabase({ clock })
  await database.open(expiryTables)
  return database
})
