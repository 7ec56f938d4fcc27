import type { ApiKeyHash } from '../../api-keys/api-key-hash.ts'
import { type ApiKeyRow, apiKeyTable } from '../../api-keys/api-key-tables.ts'
import { type ApiKeyText, readApiKey } from '../../api-keys/api-key-text.ts'
import { createApiKeyUses } from '../../api-keys/api-key-uses.ts'
import { isWithin } from '../../api-keys/networks.ts'
import type { Clock } from '../../clock/clock.ts'
import type { BaseConfig } from '../../config/base-schema.ts'
import type { Principal } from '../../contract/call.ts'
import type { Environment } from '../../contract/environment.ts'
import { subjectPrefixes } from '../../contract/subject-prefixes.ts'
import type { Database } from '../../database/database.ts'
import { defined } from '../../defined.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Observability } from '../../observability/observability.ts'
import type { Authenticator } from './authenticator.ts'
import { challenge } from './bearer-token.ts'

/** How long a row serves without being read again, in milliseconds: a revocation holds on every instance after this time at the latest. */
export const apiKeyMaxAgeMs = 5_000

/** Rows that are kept, those of ids without a row included. */
const maxRows = 1_000

export interface ApiKeyAuthenticatorParts {
  readonly environment: Environment
  readonly database: Database
  readonly clock: Clock
  readonly hash: ApiKeyHash
  readonly observability: Pick<Observability, 'logger' | 'metrics'>
  /** What keys may carry now. What it no longer names a key no longer gives. */
  readonly grantable: Pick<BaseConfig['api_keys'], 'grantable_roles' | 'grantable_permissions'>
}

/**
 * API keys in the header `X-API-Key`; in no query, which logs and histories keep. One read finds the row, and serves for {@link apiKeyMaxAgeMs}.
 * Whether a key is unknown, wrong, expired, revoked or used from elsewhere is in the log and not in the answer.
 */
export function apiKeyAuthenticator(parts: ApiKeyAuthenticatorParts): Authenticator {
  const { environment, hash, clock, observability } = parts
  const logger = observability.logger.child({}, 'framework.http')
  const rowOf = rowCache(parts)
  const noteUse = createApiKeyUses({ ...parts, logger })
  return {
    kind: 'api_key',
    find({ headers, requestContext }) {
      const text = headers['x-api-key']
      if (text === undefined) return undefined
      const key = readApiKey(text, environment)
      if (typeof key === 'string') throw refusal('api_key_malformed', key)
      return {
        kind: 'api_key',
        async verify() {
          const row = await rowOf(key.id)
          const reason = refusedFor({ key, row, hash, now: clock.now(), address: requestContext.http?.sourceIp ?? '' })
          if (reason !== undefined || row === undefined) {
            logger.warn('an API key was refused', { callerKey: key.id, reason })
            observability.metrics.count('mmf_credential_refusals_total', {
              kind: 'api_key',
              reason: reason ?? 'unknown',
            })
            throw refusal('api_key_invalid')
          }
          await noteUse(row.id)
          return { principal: principalOf(row, parts.grantable) }
        },
      }
    },
  }
}

function principalOf(row: ApiKeyRow, grantable: ApiKeyAuthenticatorParts['grantable']): Principal {
  return {
    subject: `${subjectPrefixes.apiKey}${row.holder}`,
    roles: row.roles.filter(name => grantable.grantable_roles.includes(name)),
    permissions: row.permissions.filter(name => grantable.grantable_permissions.includes(name)),
    method: 'api_key',
    credential: row.id,
    ...defined({ operations: row.operations }),
  }
}

interface Judged {
  readonly key: ApiKeyText
  readonly row: ApiKeyRow | undefined
  readonly hash: ApiKeyHash
  readonly now: Date
  readonly address: string
}

/** The digest is made in each case, so that the time tells a stranger nothing. */
function refusedFor({ key, row, hash, now, address }: Judged): string | undefined {
  const isSame = hash.matches(key, row)
  if (row === undefined) return 'unknown'
  if (!isSame) return 'wrong'
  if (row.revokedAt !== undefined) return 'revoked'
  const time = now.toISOString()
  if (time >= row.expiresAt || time >= (row.endsAt ?? row.expiresAt)) return 'expired'
  if (row.networks !== undefined && !isWithin(row.networks, address)) return 'network'
  return undefined
}

/** A cache with a bound and an age. A read that fails is not kept, and refuses: without the row no key gets in. */
function rowCache({ database, clock }: ApiKeyAuthenticatorParts) {
  const kept = new Map<string, { readonly row: Promise<ApiKeyRow | undefined>; readonly at: number }>()
  return (id: string): Promise<ApiKeyRow | undefined> => {
    const now = clock.now().getTime()
    const found = kept.get(id)
    if (found !== undefined && Math.abs(now - found.at) < apiKeyMaxAgeMs) return found.row
    // Not with the signal of one request: others wait for the same row.
    const row = database.get(apiKeyTable, { id })
    kept.delete(id)
    kept.set(id, { row, at: now })
    row.catch(() => kept.get(id)?.row === row && kept.delete(id))
    const [oldest] = kept.keys()
    if (kept.size > maxRows && oldest !== undefined) kept.delete(oldest)
    return row
  }
}

function refusal(code: 'api_key_malformed' | 'api_key_invalid', detail?: string): MmfError {
  return new MmfError(code, { detail, headers: challenge(code) })
}
