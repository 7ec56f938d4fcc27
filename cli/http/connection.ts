import { type Context, readContexts, theContext } from '../contexts/context-file.ts'
import { tokenFrom } from '../contexts/token-command.ts'
import { failure } from '../failure.ts'
import { type ApiClient, createApiClient } from './api-client.ts'
import { checkedUrl } from './server-url.ts'

interface ConnectionFlags {
  readonly url?: string | undefined
  readonly context?: string | undefined
  readonly token?: string | undefined
  readonly host?: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

const localUrl = 'http://127.0.0.1:8080'

/**
 * The server: `--url` or `--context`, else MARTY_URL, else the context in use, else this machine. The token: `--token`, else the token command
 * of the context that named the server, else MARTY_TOKEN. So a token command serves its own server only.
 * @throws {Failure} `usage_invalid` where both flags are given; `url_invalid`, `token_invalid`, `context_…`
 */
export function connect(flags: ConnectionFlags, env: Environment): ApiClient {
  if (flags.url !== undefined && flags.context !== undefined) {
    throw failure('usage_invalid', '--url and --context both name a server: give one of them')
  }
  const { url, tokenCommand } = serverOf(flags, env)
  const { token = tokenCommand === undefined ? env['MARTY_TOKEN'] : undefined } = flags
  // An empty variable is none.
  const host = (flags.host ?? env['MARTY_HOST']) || undefined
  if (token !== undefined && token !== '') return createApiClient({ url, host, token: checkedToken(token) })
  return createApiClient({
    url,
    host,
    token: tokenCommand === undefined ? undefined : () => tokenFrom(tokenCommand, env),
  })
}

function serverOf({ url, context }: ConnectionFlags, env: Environment): Context {
  if (url !== undefined) return { url: checkedUrl(url, '--url') }
  if (context !== undefined) return theContext(readContexts(env), context)
  const { MARTY_URL: variable = '' } = env
  if (variable !== '') return { url: checkedUrl(variable, 'MARTY_URL') }
  const known = readContexts(env)
  return known.current === undefined ? { url: localUrl } : theContext(known, known.current)
}

/** Only what a header can carry (RFC 6750 §2.1 has less). The value is not repeated. @throws {Failure} `token_invalid` */
function checkedToken(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw failure('token_invalid', 'the token has characters that no bearer token has, such as a space or a line break')
}
