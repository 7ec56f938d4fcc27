import type { Clock } from '../clock/clock.ts'
import type { SecretResolver } from '../config/secret-resolver.ts'
import type { SecretsManagerResolverOptions } from '../secrets/secrets-manager-resolver.ts'

/** Loads the client of Secrets Manager. */
export type LoadSecrets = () => Promise<Pick<SecretsManagerResolverOptions, 'client' | 'commands'>>

export interface ConfiguredSecretsOptions {
  readonly load: LoadSecrets | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
}

/**
 * The secrets of a function whose configuration refers to some: the service stack names their prefix then. Client and resolver are loaded by the first
 * reference, so that a function without one never loads them.
 */
export function configuredSecrets({ load, env, clock }: ConfiguredSecretsOptions): SecretResolver | undefined {
  const prefix = env['MMF_SECRETS_PREFIX']
  if (!prefix || load === undefined) return undefined
  let opened: Promise<SecretResolver> | undefined
  const open = async () => {
    const [clients, { createSecretsManagerResolver }] = await Promise.all([
      load(),
      import('../secrets/secrets-manager-resolver.ts'),
    ])
    return createSecretsManagerResolver({ ...clients, prefix, clock })
  }
  return {
    description: `AWS Secrets Manager ${prefix}…`,
    async resolve(name, version) {
      opened ??= open().catch(error => {
        opened = undefined
        throw error
      })
      return (await opened).resolve(name, version)
    },
  }
}
