import * as z from 'zod'
import { type RowOf, table } from '../database/table.ts'

const time = z.iso.datetime({ precision: 3 })

/** One key as it is stored: what it may do, and a digest from which neither the key nor another one can be made. Rows are never removed. */
export const apiKeyTable = table({
  name: 'api_keys',
  row: z.object({
    id: z.string(),
    /** Whose it is: the principal `api_key#<holder>`. */
    holder: z.string(),
    /** Names the secret of the platform that made the digest. */
    hashedWith: z.string(),
    /** Over the key's secret and everything that it may do; see `api-key-hash.ts`. */
    digest: z.string(),
    roles: z.array(z.string()),
    permissions: z.array(z.string()),
    /** `<service>.<operation>` or `<service>.*`; absent: whatever the roles allow. */
    operations: z.array(z.string()).optional(),
    /** CIDR; absent: from anywhere. */
    networks: z.array(z.string()).optional(),
    createdAt: time,
    createdBy: z.string(),
    expiresAt: time,
    /** Set by a rotation: it is good no longer than this, and never longer than `expiresAt`. */
    endsAt: time.optional(),
    /** The key in whose place it is. */
    replaces: z.string().optional(),
    revokedAt: time.optional(),
    revokedBy: z.string().optional(),
    reason: z.string().optional(),
    /** One partition of the index lists them all: a platform has tens or hundreds. */
    list: z.literal('api_keys'),
  }),
  partition: 'id',
  indexes: { all: { partition: 'list', sort: 'createdAt' } },
})

export type ApiKeyRow = RowOf<typeof apiKeyTable>

/** Which keys of a holder may be live: two at most, so that one can take the place of the other without a gap. */
export const apiKeyHolderTable = table({
  name: 'api_key_holders',
  row: z.object({ holder: z.string(), current: z.string(), previous: z.string().optional(), version: z.int() }),
  partition: 'holder',
})

/** When a key was used last, to the hour. Apart from the keys, which functions only read. */
export const apiKeyUseTable = table({
  name: 'api_key_uses',
  row: z.object({ id: z.string(), usedAt: time }),
  partition: 'id',
})
