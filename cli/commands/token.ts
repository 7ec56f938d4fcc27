import { openLocalIssuer } from '../../infra/local/issuer/local-issuer.ts'
import { failure } from '../failure.ts'
import { failureOf } from '../mmf-failure.ts'
import type { CommandResult } from '../result.ts'

export interface TokenOptions {
  readonly subject: string
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  /** Whole seconds, as they were written. */
  readonly ttl: string
  readonly dataDirectory: string
  readonly json: boolean
}

/** A token of the local issuer, and nothing else, on standard output: `TOKEN=$(mmf-cli token …)`. @throws {Failure} */
export function token(options: TokenOptions): CommandResult {
  const { dataDirectory, ttl, json, ...identity } = options
  if (!/^\d{1,6}$/.test(ttl)) throw failure('usage_invalid', `--ttl: ${JSON.stringify(ttl)}; a whole number of seconds`)
  const request = { ...identity, ttlSeconds: Number(ttl) }
  try {
    const issuer = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } })
    const issued = issuer.issueToken(request)
    return { stdout: json ? `${JSON.stringify({ token: issued })}\n` : `${issued}\n`, exitCode: 0 }
  } catch (error) {
    if (error instanceof RangeError) throw failure('usage_invalid', error.message, error)
    throw failureOf(error)
  }
}
