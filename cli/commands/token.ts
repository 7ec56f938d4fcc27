import { openLocalIssuer } from '../../infra/local/issuer/local-issuer.ts'
import type { CommandResult } from '../result.ts'

export interface TokenOptions {
  readonly subject: string
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  readonly ttlSeconds: number
  readonly dataDirectory: string
}

/** A token of the local issuer, and nothing else, on standard output: `TOKEN=$(mmf-cli token …)`. */
export function token(options: TokenOptions): CommandResult {
  const { dataDirectory, ...request } = options
  try {
    const issuer = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } })
    return { stdout: `${issuer.issueToken(request)}\n`, exitCode: 0 }
  } catch (error) {
    return {
      stderr: `${error instanceof Error ? error.message : String(error)}\n`,
      exitCode: error instanceof RangeError ? 2 : 1,
    }
  }
}
