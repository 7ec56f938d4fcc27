import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { ApiKeyRow } from './api-key-tables.ts'
import type { ApiKeyText } from './api-key-text.ts'

/** What a digest covers beside the secret: who can write the table and lacks the platform's secret can widen no key and make none. */
type ApiKeyGrant = Pick<
  ApiKeyRow,
  'holder' | 'roles' | 'permissions' | 'operations' | 'networks' | 'createdAt' | 'expiresAt'
>

export interface ApiKeyHash {
  /** What is stored of a new key. */
  make(key: ApiKeyText, grant: ApiKeyGrant): Pick<ApiKeyRow, 'hashedWith' | 'digest'>
  /** Whether the row is of this key and as it was made. In constant time, also where there is no row. */
  matches(key: ApiKeyText, row: ApiKeyRow | undefined): boolean
}

/** @param secrets of the platform, at least 32 bytes each: the first makes digests, all of them check, so that it can be rotated */
export function createApiKeyHash(secrets: readonly [Uint8Array, ...Uint8Array[]]): ApiKeyHash {
  const known = new Map(secrets.map(secret => [nameOf(secret), secret]))
  const [current] = secrets
  const hashedWith = nameOf(current)
  return {
    make: (key, grant) => ({ hashedWith, digest: digest(current, key, grant).toString('base64url') }),
    matches(key, row) {
      const secret = known.get(row?.hashedWith ?? '')
      const made = digest(secret ?? current, key, row ?? nothing)
      const stored = Buffer.from(row?.digest ?? '', 'base64url')
      const isSame = timingSafeEqual(made, stored.length === made.length ? stored : Buffer.alloc(made.length))
      return isSame && secret !== undefined && row?.id === key.id
    },
  }
}

const nothing: ApiKeyGrant = { holder: '', roles: [], permissions: [], createdAt: '', expiresAt: '' }

function digest(secret: Uint8Array, { id, secret: text }: ApiKeyText, grant: ApiKeyGrant): Buffer {
  const { holder, roles, permissions, operations, networks, createdAt, expiresAt } = grant
  const limits = [operations ?? null, networks ?? null]
  const covered = JSON.stringify([id, text, holder, roles, permissions, limits, createdAt, expiresAt])
  return createHmac('sha256', secret).update(`mmf api key v1\n${covered}`).digest()
}

/** Tells secrets apart and says nothing of them. */
const nameOf = (secret: Uint8Array): string =>
  createHash('sha256').update('mmf api key secret\n').update(secret).digest('hex').slice(0, 16)
