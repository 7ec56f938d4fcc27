import { defined } from '@mmf/framework'
import { failure } from '../failure.ts'
import type { ApiClient } from '../http/api-client.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'
import { type Unreadable, unreadableMember, withUnreadable } from '../unreadable.ts'

interface Key {
  readonly id: string
  readonly holder: string
  readonly status: string
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  readonly operations?: readonly string[]
  readonly networks?: readonly string[]
  readonly expiresAt: string
  readonly endsAt?: string
  readonly lastUsedAt?: string
  readonly reason?: string
}

interface NewKey {
  readonly apiKey: string
  readonly key: Key
}

interface Page {
  readonly apiKeys: readonly Key[]
  readonly unreadable?: readonly Unreadable[]
  readonly cursor?: string
}

interface Json {
  readonly json?: boolean
}

const path = '/platform/api-keys'
const pathOf = (keyId: string) => `${path}/${encodeURIComponent(keyId)}`

/** `mmf-cli api-keys list`: all of them, the newest first. */
export async function listApiKeys(client: ApiClient, { json = false }: Json): Promise<CommandResult> {
  const keys: Key[] = []
  const unreadable: Unreadable[] = []
  let cursor: string | undefined
  do {
    const query = new URLSearchParams({ limit: '100', ...defined({ cursor }) })
    const page: Page = await client.json('GET', `${path}?${query}`, undefined, { members: ['apiKeys'] })
    keys.push(...page.apiKeys)
    unreadable.push(...(page.unreadable ?? []))
    cursor = page.cursor
  } while (cursor !== undefined)
  const stdout = json
    ? document({ apiKeys: keys, ...unreadableMember(unreadable) })
    : `${keys.map(line).join('')}${keys.length} API keys\n`
  return withUnreadable({ stdout, exitCode: 0 }, unreadable)
}

/** `mmf-cli api-keys show KEY`. */
export async function showApiKey(
  client: ApiClient,
  { keyId, json = false }: Json & { readonly keyId: string },
): Promise<CommandResult> {
  const key: Key = await client.json('GET', pathOf(keyId), undefined, { members: ['holder'] })
  if (json) return { stdout: document(key), exitCode: 0 }
  const rows = Object.entries(key).map(([name, value]) => `${name}: ${[value].flat().join(', ') || 'none'}`)
  return { stdout: rows.map(row => `${printable(row)}\n`).join(''), exitCode: 0 }
}

export interface CreateApiKeyOptions extends Json {
  readonly holder: string
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  readonly operations: readonly string[]
  readonly networks: readonly string[]
  readonly days?: string
}

/** `mmf-cli api-keys create HOLDER`: the key alone on standard output, so that it can go where it is kept. */
export async function createApiKey(client: ApiClient, options: CreateApiKeyOptions): Promise<CommandResult> {
  const { holder, roles, permissions, operations, networks, days, json = false } = options
  const body = {
    holder,
    roles,
    permissions,
    ...(operations.length === 0 ? {} : { operations }),
    ...(networks.length === 0 ? {} : { networks }),
    ...defined({ expiresInDays: wholeNumber('days', days) }),
  }
  return made(await client.json('POST', path, body, { members: ['apiKey', 'key'] }), json)
}

/** `mmf-cli api-keys rotate KEY`. */
export async function rotateApiKey(
  client: ApiClient,
  { keyId, overlap, days, json = false }: Json & { keyId: string; overlap?: string; days?: string },
): Promise<CommandResult> {
  const body = defined({
    overlapSeconds: wholeNumber('overlap', overlap),
    expiresInDays: wholeNumber('days', days),
  })
  return made(await client.json('POST', `${pathOf(keyId)}/rotate`, body, { members: ['apiKey', 'key'] }), json)
}

/** `mmf-cli api-keys revoke KEY --reason …`. */
export async function revokeApiKey(
  client: ApiClient,
  { keyId, reason, json = false }: Json & { readonly keyId: string; readonly reason: string },
): Promise<CommandResult> {
  const query = new URLSearchParams({ reason })
  const key: Key = await client.json('DELETE', `${pathOf(keyId)}?${query}`, undefined, { members: ['holder'] })
  if (json) return { stdout: document(key), exitCode: 0 }
  return { stdout: `${printable(`${key.id} of ${key.holder} is revoked: ${key.reason}`)}\n`, exitCode: 0 }
}

function made(answer: NewKey, json: boolean): CommandResult {
  if (json) return { stdout: document(answer), exitCode: 0 }
  const { id, holder, expiresAt } = answer.key
  const said = `the key ${id} of ${holder}, good until ${expiresAt}. It is shown this once`
  return { stdout: `${printable(answer.apiKey)}\n`, stderr: `${printable(said)}\n`, exitCode: 0 }
}

const document = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`

function line({ id, holder, status, expiresAt, endsAt = expiresAt, lastUsedAt = 'never' }: Key): string {
  return `${printable(`${id}  ${holder}  ${status}  until ${endsAt}  used ${lastUsedAt}`)}\n`
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw failure('usage_invalid', `--${option} takes a whole number, not ${text}`)
  return Number(text)
}
