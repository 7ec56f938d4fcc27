import type { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { Clock } from '../clock/clock.ts'
import { settledWithin } from '../clock/settled-within.ts'
import type { SecretResolver } from '../config/secret-resolver.ts'
import { MmfError } from '../errors/mmf-error.ts'

/** The command classes, handed in with the client, so that this module loads no SDK. */
interface SecretsManagerCommands {
  readonly GetSecretValueCommand: typeof GetSecretValueCommand
}

export interface SecretsManagerResolverOptions {
  /** Its `maxAttempts` decides about repeats; the resolver itself asks once. */
  readonly client: Pick<SecretsManagerClient, 'send'>
  readonly commands: SecretsManagerCommands
  /** Stands before every name, e.g. `marty/production/`, so that one deployment cannot name another's secrets. */
  readonly prefix: string
  readonly clock: Clock
  /** Age after which a value is asked for again. Default 300 s. */
  readonly maxAgeSeconds?: number
  /** How much longer an old value serves while the store does not answer. Default 3,600 s. */
  readonly staleSeconds?: number
  /** How long the caller who finds a value old waits for the new one before it takes the old one. Default 200 ms. */
  readonly refreshWaitMs?: number
  /** Time limit of one question to the store, repeats of the client included. Default 15,000 ms. */
  readonly timeoutMs?: number
  /** Called for each failure that an old value covered; for a log line. */
  readonly onStale?: (error: Error) => void
}

/** A resolver that remembers values. */
export interface CachedSecretResolver extends SecretResolver {
  /** The next `resolve` asks the store: after the other side has refused a value, it may have been rotated. */
  forget(name: string): void
}

interface Entry {
  value: string
  fetchedAt: number
  /** It was refused: the store's answer is waited for, if it gives one. */
  isRefused?: boolean
}

/** After a failure an old value serves this long before the store is asked again. */
const retrySeconds = 5

/** What identifies a version in Secrets Manager (32 to 64 characters); anything else is the label of a stage, such as AWSPREVIOUS. */
const versionId = /^[A-Za-z0-9-]{32,64}$/

/**
 * Secrets in AWS Secrets Manager. Values are kept in memory for `maxAgeSeconds`, so a rotation is seen after that time at the latest;
 * overlapping requests for one secret are one call. While an old value may serve, a store that hangs or fails delays at most the one caller who
 * asks it, for a moment. `resolve` throws `config_unreadable` when the store refuses or does not answer and
 * there is no value young enough; the detail names the secret, never its value.
 */
export function createSecretsManagerResolver(options: SecretsManagerResolverOptions): CachedSecretResolver {
  const { prefix, clock, maxAgeSeconds = 300, staleSeconds = 3_600, refreshWaitMs = 200, onStale } = options
  const known = new Map<string, Entry>()
  const inFlight = new Map<string, Promise<string | undefined>>()
  const retryAt = new Map<string, number>()
  const now = () => clock.now().getTime() / 1000

  async function refresh(key: string, name: string, version: string | undefined): Promise<string | undefined> {
    try {
      const value = await fetchSecret(options, name, version)
      if (value === undefined) known.delete(key)
      else known.set(key, { value, fetchedAt: now() })
      retryAt.delete(key)
      return value
    } catch (error) {
      const old = known.get(key)
      if (old === undefined || now() - old.fetchedAt >= maxAgeSeconds + staleSeconds) throw error
      retryAt.set(key, now() + retrySeconds)
      if (error instanceof Error) onStale?.(error)
      return old.value
    }
  }

  return {
    description: `AWS Secrets Manager ${prefix}…`,
    async resolve(name, version) {
      const key = keyOf(name, version)
      const entry = known.get(key)
      const age = entry === undefined ? Number.POSITIVE_INFINITY : now() - entry.fetchedAt
      const isWaiting = now() < (retryAt.get(key) ?? 0)
      // A negative age: the clock was set back.
      if (entry !== undefined && ((age >= 0 && age < maxAgeSeconds) || isWaiting)) return entry.value
      const mayServe = entry !== undefined && age < maxAgeSeconds + staleSeconds && entry.isRefused !== true
      const running = inFlight.get(key)
      if (running !== undefined) return mayServe ? entry.value : running
      const asking = refresh(key, name, version).finally(() => inFlight.delete(key))
      inFlight.set(key, asking)
      if (!mayServe) return asking
      await settledWithin(asking, refreshWaitMs)
      return inFlight.get(key) === asking ? entry.value : asking
    },
    forget(name) {
      // An old value stays for the time the store does not answer; it only stops being fresh.
      for (const [key, entry] of known) {
        if (!key.startsWith(keyOf(name, ''))) continue
        entry.fetchedAt = Math.min(entry.fetchedAt, now() - maxAgeSeconds)
        entry.isRefused = true
      }
    },
  }
}

function keyOf(name: string, version: string | undefined): string {
  return `${name}\n${version ?? ''}`
}

async function fetchSecret(
  { client, commands, prefix, timeoutMs = 15_000 }: SecretsManagerResolverOptions,
  name: string,
  version: string | undefined,
): Promise<string | undefined> {
  const which =
    version === undefined ? {} : versionId.test(version) ? { VersionId: version } : { VersionStage: version }
  const unreadable = (reason: string, cause?: unknown) =>
    new MmfError('config_unreadable', { detail: `secret ${name}: ${reason}`, members: { secret: name }, cause })
  let text: string | undefined
  try {
    const command = new commands.GetSecretValueCommand({ SecretId: `${prefix}${name}`, ...which })
    const answer = await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) })
    text = answer.SecretString
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'ResourceNotFoundException') return undefined
    throw unreadable('the secret store refuses or does not answer', cause)
  }
  if (text === undefined) throw unreadable('its value is binary, a text is expected')
  return text
}
