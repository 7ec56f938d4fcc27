import type { Clock } from '../clock/clock.ts'
import type { BaseConfig } from '../config/base-schema.ts'
import type { ConfigSource } from '../config/config-source.ts'
import type { LiveConfig } from '../config/live-config.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { plainFetch } from '../http/authentication/plain-fetch.ts'

type AppConfigSettings = NonNullable<BaseConfig['configuration']['appconfig']>

/** Where the agent listens inside a function, unless `AWS_APPCONFIG_EXTENSION_HTTP_PORT` says otherwise. */
const defaultPort = '2772'
/** The agent answers from its memory, in milliseconds; more than these and it is not there. */
const timeoutMs = 2000
/** A hosted configuration of AppConfig has at most 4 MB; ours are far smaller. */
const maxBytes = 1_000_000

/**
 * Configurations of AWS AppConfig, by its agent, a Lambda extension that keeps them up to date and answers at an address inside the function. A
 * function thus holds no client for it.
 */
export function createAppConfigSource(
  { application, environment, profiles }: AppConfigSettings,
  env: Readonly<Record<string, string | undefined>>,
): ConfigSource {
  const port = env['AWS_APPCONFIG_EXTENSION_HTTP_PORT'] ?? defaultPort
  return {
    async read(name) {
      if (!profiles.includes(name)) return undefined
      const path = `appconfig:${application}/${environment}/${name}`
      const url = `http://localhost:${port}/applications/${application}/environments/${environment}/configurations/${name}`
      try {
        return { path, text: await textAt(url) }
      } catch (cause) {
        const reason = cause instanceof NoAnswer ? cause.message : 'the AppConfig agent does not answer'
        throw new MmfError('config_unreadable', { detail: `${path}: ${reason}`, members: { file: path }, cause })
      }
    },
  }
}

class NoAnswer extends Error {}

async function textAt(url: string): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs)
  const { status, body } = await plainFetch(url, { signal, redirect: 'error', headers: {} })
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw new NoAnswer(`it has more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  if (status !== 200) throw new NoAnswer(`the AppConfig agent answers ${status}`)
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * Asks again before an event, once what is in use is older than it may be. What is refused or not answered leaves the last good configuration in use until
 * it is asked again, that long after. Never throws.
 */
export function refreshedByAge(
  live: Pick<LiveConfig, 'refresh'>,
  { clock, maxAgeSeconds }: { readonly clock: Clock; readonly maxAgeSeconds: number },
): () => Promise<void> {
  let asked = clock.now().getTime()
  let asking: Promise<unknown> | undefined
  return async () => {
    const age = clock.now().getTime() - asked
    // A negative age: the clock was set back.
    if (age < 0 || age >= maxAgeSeconds * 1000) {
      asking ??= live.refresh().finally(() => {
        asked = clock.now().getTime()
        asking = undefined
      })
    }
    await asking
  }
}
