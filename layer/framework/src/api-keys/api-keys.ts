import type { Clock } from '../clock/clock.ts'
import type { BaseConfig } from '../config/base-schema.ts'
import type { Environment } from '../contract/environment.ts'
import type { Database, Page, PlatformWrite } from '../database/database.ts'
import { unlessConflict } from '../database/unless-conflict.ts'
import { insert, put, update } from '../database/write.ts'
import { defined } from '../defined.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { ApiKeyHash } from './api-key-hash.ts'
import { type ApiKeyRow, apiKeyHolderTable, apiKeyTable, apiKeyUseTable } from './api-key-tables.ts'
import { newApiKey } from './api-key-text.ts'

/** What is asked for a new key. */
interface ApiKeyRequest {
  readonly holder: string
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  readonly operations?: readonly string[] | undefined
  readonly networks?: readonly string[] | undefined
  readonly expiresInDays: number
}

/** A key as it is shown: never its secret, nor what is stored of it. */
export type ApiKeyView = Omit<ApiKeyRow, 'digest' | 'hashedWith' | 'list'> & {
  readonly status: 'live' | 'expired' | 'revoked'
  /** To the hour. */
  readonly lastUsedAt?: string
}

/** The one time that a key itself is given out. */
interface NewApiKey {
  readonly apiKey: string
  readonly key: ApiKeyView
}

/** Who changes, and what is written exactly when it is done, such as an event about the key. */
export interface ApiKeyChange {
  readonly by: string
  readonly also?: ((key: ApiKeyView) => readonly PlatformWrite[]) | undefined
}

/** The keys of an environment, for those who administer them. All methods @throws {MmfError} `database_unavailable`. */
export interface ApiKeys {
  /** The newest first. */
  list(options?: { limit?: number | undefined; cursor?: string | undefined }): Promise<Page<ApiKeyView>>
  /** @throws {MmfError} `api_key_not_found` */
  get(id: string): Promise<ApiKeyView>
  /** @throws {MmfError} `api_keys_disabled`, `api_key_grant_refused`, `api_key_exists`, `validation_failed` */
  create(request: ApiKeyRequest, change: ApiKeyChange): Promise<NewApiKey>
  /**
   * Another key in the place of this one, which stays good for the overlap.
   * @throws {MmfError} `api_keys_disabled`, `api_key_not_found`, `api_key_not_live`, `api_key_rotation_open`, `api_key_grant_refused`
   */
  rotate(
    id: string,
    options: { overlapSeconds: number; expiresInDays?: number | undefined },
    change: ApiKeyChange,
  ): Promise<NewApiKey>
  /** Ends it now. One that is revoked already stays as it is. @throws {MmfError} `api_key_not_found` */
  revoke(id: string, reason: string, change: ApiKeyChange): Promise<ApiKeyView>
}

export interface ApiKeysParts {
  readonly environment: Environment
  readonly database: Database
  readonly clock: Clock
  /** Absent where the platform has no secret for digests: no key can be made then. */
  readonly hash?: ApiKeyHash | undefined
  readonly settings: Omit<BaseConfig['api_keys'], 'secret' | 'previous_secret'>
}

const dayMs = 86_400_000

export function createApiKeys({ environment, database, clock, hash, settings }: ApiKeysParts): ApiKeys {
  const now = () => clock.now()
  const rowOf = async (id: string): Promise<ApiKeyRow> => {
    const row = await database.get(apiKeyTable, { id })
    if (row === undefined) throw new MmfError('api_key_not_found', { members: { keyId: id } })
    return row
  }
  const isLive = async (id: string | undefined) => {
    const row = id === undefined ? undefined : await database.get(apiKeyTable, { id })
    return row !== undefined && statusOf(row, now()) === 'live'
  }
  const view = (row: ApiKeyRow, lastUsedAt?: string): ApiKeyView => shown(row, now(), lastUsedAt)

  /** The key and its row. @throws {MmfError} `api_keys_disabled`, `api_key_grant_refused` */
  function made(request: ApiKeyRequest, by: string, replaces?: string) {
    if (hash === undefined) {
      throw new MmfError('api_keys_disabled', { detail: 'api_keys.secret is not set in base.yaml' })
    }
    checkGrant('roles', request.roles, settings.grantable_roles)
    checkGrant('permissions', request.permissions, settings.grantable_permissions)
    const key = newApiKey(environment)
    const grant = {
      holder: request.holder,
      roles: [...request.roles],
      permissions: [...request.permissions],
      ...defined({
        operations: request.operations && [...request.operations],
        networks: request.networks && [...request.networks],
      }),
      createdAt: now().toISOString(),
      expiresAt: new Date(now().getTime() + request.expiresInDays * dayMs).toISOString(),
    }
    const row: ApiKeyRow = {
      id: key.id,
      ...grant,
      ...hash.make(key, grant),
      createdBy: by,
      ...defined({ replaces }),
      list: 'api_keys',
    }
    return { text: key.text, row }
  }

  return {
    async list({ limit = 20, cursor } = {}) {
      const query = {
        index: 'all',
        partition: 'api_keys',
        descending: true,
        unreadable: 'report',
        limit,
        cursor,
      } as const
      const page = await database.query(apiKeyTable, query)
      const uses =
        page.rows.length === 0
          ? []
          : await database.getMany(
              apiKeyUseTable,
              page.rows.map(({ id }) => ({ id })),
            )
      return { ...page, rows: page.rows.map((row, index) => view(row, uses[index]?.usedAt)) }
    },
    async get(id) {
      const row = await rowOf(id)
      return view(row, (await database.get(apiKeyUseTable, { id }))?.usedAt)
    },
    async create(request, { by, also = () => [] }) {
      checkLifetime(request.expiresInDays, settings.max_days)
      const { text, row } = made(request, by)
      const { holder, id } = row
      const known = await database.get(apiKeyHolderTable, { holder })
      if ((await isLive(known?.current)) || (await isLive(known?.previous))) throw exists(holder)
      const next = { holder, current: id, version: (known?.version ?? 0) + 1 }
      const claim =
        known === undefined
          ? insert(apiKeyHolderTable, next)
          : put(apiKeyHolderTable, next, { when: { version: known.version } })
      const key = view(row)
      if (!(await unlessConflict(database.transaction([claim, insert(apiKeyTable, row), ...also(key)]))))
        throw exists(holder)
      return { apiKey: text, key }
    },
    async rotate(id, { overlapSeconds, expiresInDays }, { by, also = () => [] }) {
      const old = await rowOf(id)
      if (statusOf(old, now()) !== 'live') throw new MmfError('api_key_not_live', { members: { keyId: id } })
      const days = expiresInDays ?? Math.ceil((Date.parse(old.expiresAt) - Date.parse(old.createdAt)) / dayMs)
      checkLifetime(days, settings.max_days)
      const { holder } = old
      const known = await database.get(apiKeyHolderTable, { holder })
      if (known === undefined || known.current !== id || (await isLive(known.previous))) throw rotationOpen(holder)
      const { text, row } = made({ ...old, expiresInDays: days }, by, id)
      const endsAt = new Date(now().getTime() + overlapSeconds * 1000).toISOString()
      const key = view(row)
      const done = database.transaction([
        put(
          apiKeyHolderTable,
          { holder, current: row.id, previous: id, version: known.version + 1 },
          { when: { version: known.version } },
        ),
        insert(apiKeyTable, row),
        update(apiKeyTable, { id }, { endsAt }, { when: { revokedAt: { exists: false } } }),
        ...also(key),
      ])
      if (!(await unlessConflict(done))) throw rotationOpen(holder)
      return { apiKey: text, key }
    },
    async revoke(id, reason, { by, also = () => [] }) {
      const row = await rowOf(id)
      if (row.revokedAt !== undefined) return view(row)
      const changes = { revokedAt: now().toISOString(), revokedBy: by, reason }
      const key = view({ ...row, ...changes })
      const end = update(apiKeyTable, { id }, changes, { when: { revokedAt: { exists: false } } })
      const isDone = await unlessConflict(database.transaction([end, ...also(key)]))
      return isDone ? key : view(await rowOf(id))
    },
  }
}

function statusOf({ revokedAt, expiresAt, endsAt = expiresAt }: ApiKeyRow, now: Date): ApiKeyView['status'] {
  if (revokedAt !== undefined) return 'revoked'
  const time = now.toISOString()
  return time >= expiresAt || time >= endsAt ? 'expired' : 'live'
}

function shown(row: ApiKeyRow, now: Date, lastUsedAt: string | undefined): ApiKeyView {
  const { digest: _digest, hashedWith: _hashedWith, list: _list, ...rest } = row
  return { ...rest, status: statusOf(row, now), ...defined({ lastUsedAt }) }
}

function checkGrant(kind: 'roles' | 'permissions', wanted: readonly string[], grantable: readonly string[]): void {
  const over = wanted.filter(name => !grantable.includes(name))
  if (over.length === 0) return
  throw new MmfError('api_key_grant_refused', {
    detail: `${kind}: ${over.join(', ')}; api_keys.grantable_${kind} allows ${grantable.join(', ') || 'none'}`,
    members: { [kind]: over },
  })
}

function checkLifetime(days: number, maxDays: number): void {
  if (days <= maxDays) return
  const message = `${days} is more than api_keys.max_days allows: ${maxDays}`
  throw new MmfError('validation_failed', { errors: [{ path: 'expiresInDays', message }] })
}

const exists = (holder: string) =>
  new MmfError('api_key_exists', { detail: `${holder} has a live key; rotate it, or revoke it first` })

const rotationOpen = (holder: string) =>
  new MmfError('api_key_rotation_open', {
    detail: `${holder} has two live keys, or a newer one: revoke the old one, or wait until it ends`,
  })
