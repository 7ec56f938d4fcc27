import type { Clock } from '../clock/clock.ts'
import type { createPluginConfigManager } from '../config/index.ts'

export interface SecretRotationOptions {
  readonly configs: Pick<ReturnType<typeof createPluginConfigManager>, 'reload'>
  readonly clock: Clock
  /** How often the secrets are looked at. Default 300 s, the age to which their values are kept. */
  readonly everySeconds?: number
}

/**
 * Says whether a secret of the configuration has another value than when the function was built. It looks when it is asked, no more often than given; a store
 * that does not answer counts as no change.
 */
export function secretRotation({ configs, clock, everySeconds = 300 }: SecretRotationOptions): () => Promise<boolean> {
  const now = () => clock.now().getTime() / 1000
  let looked = now()
  return async () => {
    if (now() - looked < everySeconds) return false
    looked = now()
    return (await configs.reload()).some(({ changed }) => changed)
  }
}
