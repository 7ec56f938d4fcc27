import * as z from 'zod'
import type { Condition, Database } from '../database/database.ts'
import { type KeyOf, table } from '../database/table.ts'
import { check, insert, update } from '../database/write.ts'
import { keySpecNames } from './key-specs.ts'

const time = z.iso.datetime({ precision: 3 })

/** A version of a key as it is stored: all that is needed to verify, and where to sign. */
const KeyCatalogueRow = z.object({
  /** One partition holds them all: a platform has tens of versions, so a list is one consistent query and never a scan. */
  catalogue: z.literal('keys'),
  /** `<keyId>#<version, six digits>`: sorts by key, then version. */
  id: z.string(),
  keyId: z.string(),
  version: z.int().min(1),
  state: z.enum(['active', 'retired', 'revoked']),
  keySpec: z.enum(keySpecNames),
  /** DER SubjectPublicKeyInfo. */
  publicKey: z.custom<Uint8Array>(value => value instanceof Uint8Array),
  /** The provider's name of the private key, an ARN in AWS: never an alias, which would move to the next version. */
  providerRef: z.string().min(1),
  createdAt: time,
  activatedAt: time,
  retiredAt: time.optional(),
  revokedAt: time.optional(),
})

export type KeyCatalogueRow = z.infer<typeof KeyCatalogueRow>

/** The table of key versions. Rows are never removed: a signature verifies as long as its key version is here. */
export const keyCatalogue = table({
  name: 'key_catalogue',
  row: KeyCatalogueRow,
  partition: 'catalogue',
  sort: 'id',
  logged: { rows: 'changing' },
})

/** Versions 1 … 999,999. */
export const maxVersion = 999_999

/** Whether such a key version could exist at all; what could not is never looked up. */
export function isKeyReference(keyId: string, version: number): boolean {
  return /^[a-z0-9_-]{1,128}$/.test(keyId) && Number.isInteger(version) && version >= 1 && version <= maxVersion
}

/** The key catalogue: reads are strongly consistent and not cached. */
export interface KeyCatalogue {
  get(
    keyId: string,
    version: number,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<KeyCatalogueRow | undefined>
  /** The newest version, whatever its state. */
  latest(keyId: string, options?: { signal?: AbortSignal | undefined }): Promise<KeyCatalogueRow | undefined>
  /** The version that signs. Undefined when there is none, or when the newest was revoked and not replaced. */
  active(keyId: string, options?: { signal?: AbortSignal | undefined }): Promise<KeyCatalogueRow | undefined>
  /** Every version of every key, by key and version. */
  listAll(options?: { signal?: AbortSignal | undefined }): Promise<readonly KeyCatalogueRow[]>
  /** @throws {MmfError} `database_conflict` when the version is taken. */
  add(row: KeyCatalogueRow): Promise<void>
  /**
   * Makes `next` the active version and retires `current`, in one transaction.
   * @throws {MmfError} `database_conflict` when `current` is not in its state any more, or the version is taken.
   */
  replace(current: KeyCatalogueRow, next: KeyCatalogueRow): Promise<void>
  /** @throws {MmfError} `database_conflict` when the version is absent or revoked already. */
  revoke(keyId: string, version: number, at: string): Promise<void>
}

export function createKeyCatalogue(database: Database<typeof keyCatalogue, typeof keyCatalogue>): KeyCatalogue {
  const rows = async (keyId: string | undefined, descending: boolean, limit: number, signal?: AbortSignal) => {
    const found: KeyCatalogueRow[] = []
    let cursor: string | undefined
    do {
      const page = await database.query(
        keyCatalogue,
        {
          partition: 'keys',
          ...(keyId !== undefined && { sort: { beginsWith: `${keyId}#` } }),
          descending,
          limit: Math.min(limit, 1000),
          ...(cursor !== undefined && { cursor }),
        },
        { signal },
      )
      found.push(...page.rows)
      cursor = page.cursor
    } while (cursor !== undefined && found.length < limit)
    return found
  }

  return {
    get: (keyId, version, options) => database.get(keyCatalogue, keyOf(keyId, version), options),
    latest: async (keyId, { signal } = {}) => (await rows(keyId, true, 1, signal))[0],
    async active(keyId, { signal } = {}) {
      // A version is retired only together with the insertion of the next, so only the newest can be active.
      const [newest] = await rows(keyId, true, 1, signal)
      return newest?.state === 'active' ? newest : undefined
    },
    listAll: ({ signal } = {}) => rows(undefined, false, Number.POSITIVE_INFINITY, signal),
    add: row => database.write(insert(keyCatalogue, row)),
    async replace(current, next) {
      const key = keyOf(current.keyId, current.version)
      const when: Condition = { state: current.state }
      const changes = { state: 'retired', retiredAt: next.activatedAt } as const
      const old =
        current.state === 'active' ? update(keyCatalogue, key, changes, { when }) : check(keyCatalogue, key, when)
      await database.transaction([old, insert(keyCatalogue, next)])
    },
    async revoke(keyId, version, at) {
      const when: Condition = { state: { in: ['active', 'retired'] } }
      await database.write(update(keyCatalogue, keyOf(keyId, version), { state: 'revoked', revokedAt: at }, { when }))
    },
  }
}

/** The row's key: found by (keyId, version), never by a name that moves. */
export function keyOf(keyId: string, version: number): KeyOf<typeof keyCatalogue> {
  return { catalogue: 'keys', id: `${keyId}#${String(version).padStart(6, '0')}` }
}
