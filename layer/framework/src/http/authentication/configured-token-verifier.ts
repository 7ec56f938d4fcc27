import type { Clock } from '../../clock/clock.ts'
import type { IssuerConfig } from '../../config/require-issuer.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Logger } from '../../observability/observability.ts'
import { createJwksCache } from './jwks-cache.ts'
import { plainFetch } from './plain-fetch.ts'
import { createTokenVerifier, type TokenVerifier } from './token-verifier.ts'

/**
 * The verifier of the configured issuer's tokens: the same for a deployed function and for this machine. Nothing is fetched before the first token.
 * @throws {MmfError} `config_invalid` for settings that would weaken it, e.g. a `jwks_uri` over http that is not on loopback
 */
export function configuredTokenVerifier(
  issuer: IssuerConfig,
  { clock, logger }: { readonly clock: Clock; readonly logger: Pick<Logger, 'warn'> },
): TokenVerifier {
  try {
    return createTokenVerifier({
      issuer: issuer.issuer,
      audience: issuer.audience,
      jwks: createJwksCache({
        url: issuer.jwks_uri,
        fetch: plainFetch,
        clock,
        maxAgeSeconds: issuer.jwks_cache_seconds,
        onFailure: error => logger.warn('the keys of the token issuer could not be fetched', { error }),
      }),
      algorithms: issuer.algorithms,
      leewaySeconds: issuer.clock_leeway_seconds,
      clock,
    })
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new MmfError('config_invalid', { detail: `base.yaml, authentication: ${cause.message}`, cause })
  }
}
