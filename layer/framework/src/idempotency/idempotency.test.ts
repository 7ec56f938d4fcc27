import { createMemoryDatabase } from '../database/memory-database.ts'
import { idempotencyContract } from '../testing/idempotency-contract.ts'

idempotencyContract('SQLite memory', createMemoryDatabase)
