import { createMemoryDatabase } from '../database/sqlite/memory-database.ts'
import { idempotencyContract } from '../testing/idempotency-contract.ts'

idempotencyContract('SQLite memory', createMemoryDatabase)
