import type { Command } from 'commander'
import type { CommandResult } from '../result.ts'
import { type ApiClient, ApiError, createApiClient, UnreachableError } from './api-client.ts'

export interface ConnectionFlags {
  readonly url: string
  readonly token?: string | undefined
  readonly host?: string | undefined
}

/** Adds what every command over HTTP takes. */
export function withConnection(command: Command): Command {
  return command
    .option('--url <address>', 'where the API answers (MARTY_URL)', process.env['MARTY_URL'] ?? 'http://127.0.0.1:8080')
    .option('--host <name>', 'Host of the requests, where it is not that of the address (MARTY_HOST)')
    .option('--token <token>', 'bearer token; better in MARTY_TOKEN, where other users cannot read it')
}

/** The token of the flag or of the environment. An empty one is none. */
export function clientOf({
  url,
  token = process.env['MARTY_TOKEN'],
  host = process.env['MARTY_HOST'],
}: ConnectionFlags): ApiClient {
  return createApiClient({ url, token: token || undefined, host: host || undefined })
}

/** Runs a command; what the server refused, and that it does not answer, is one line and exit code 1. */
export async function overHttp(work: () => Promise<CommandResult>): Promise<CommandResult> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof UnreachableError)) throw error
    return { stderr: `${error.message}\n`, exitCode: 1 }
  }
}
