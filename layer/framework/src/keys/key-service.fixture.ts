import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import type { Database, DatabaseAdapter } from '../database/database.ts'
import { createMemoryDatabase } from '../database/sqlite/memory-database.ts'
import type { ErrorCode } from '../errors/catalogue.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { createEmbeddedKeyProvider } from './embedded/embedded-key-provider.ts'
import { keyCatalogue } from './key-catalogue.ts'
import type { KeyProvider } from './key-provider.ts'
import { createKeyService, type KeyServiceOptions } from './key-service.ts'
import { defineKey } from './keys.ts'

export const documentSigner = defineKey({
  name: 'document_signer',
  purpose: 'sign',
  algorithms: ['ECDSA-SHA256', 'ECDSA-SHA384', 'ML-DSA-65'],
})
export const keyId = 'document_signer-ecc-nist-p256'
export const algorithm = 'ECDSA-SHA256'
export const message = Buffer.from('a document')
export const code = (expected: ErrorCode) => (error: unknown) => isMmfError(error, expected)

/** An embedded provider and in-memory databases for the tests of one file; removed after them. */
export function keyServiceFixture() {
  const databases: DatabaseAdapter[] = []
  let directory = ''
  let provider: KeyProvider | undefined

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mmf-key-service-'))
    const secret = { passphrase: 'a long passphrase' }
    provider = createEmbeddedKeyProvider({ directory, secret, scryptCost: 2 ** 14 })
  })
  after(async () => {
    for (const database of databases) await database.close()
    await rm(directory, { recursive: true })
  })
  const embedded = (): KeyProvider => {
    if (provider === undefined) throw new Error('used outside of a test')
    return provider
  }
  /** A catalogue of its own, and as many instances of the service over it as a test wants. */
  async function platform(options: Partial<KeyServiceOptions> = {}) {
    const clock = createManualClock()
    const database = createMemoryDatabase({ clock })
    await database.open([keyCatalogue])
    databases.push(database)
    const counted = counting(options.provider ?? embedded())
    const reads = counting<Database>(options.database ?? database)
    const service = () =>
      createKeyService({
        definitions: [documentSigner],
        clock,
        ...options,
        provider: counted.proxy,
        database: reads.proxy,
      })
    return { clock, database, service, keys: service(), calls: counted.counts, reads: reads.counts }
  }
  return { embedded, platform }
}

/** Counts the calls of each method. */
function counting<T extends object>(target: T): { proxy: T; counts: Record<string, number> } {
  const counts: Record<string, number> = {}
  const proxy = new Proxy(target, {
    get(object, name, receiver) {
      const value: unknown = Reflect.get(object, name, receiver)
      if (typeof value !== 'function') return value
      return (...parameters: unknown[]) => {
        counts[String(name)] = (counts[String(name)] ?? 0) + 1
        return value.apply(object, parameters)
      }
    },
  })
  return { proxy, counts }
}
