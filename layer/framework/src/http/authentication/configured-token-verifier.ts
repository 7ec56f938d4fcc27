import type { Clock } from '../../clock/clock.ts'
import type { IssuerConfig } from '../../config/require-issuers.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Logger } from '../../observability/observability.ts'
import { configuredRules } from './claim-rules.ts'
import { createJwksCache } from './jwks-cache.ts'
import { plainFetch } from './plain-fetch.ts'
import {
  createIssuersVerifier,
  createTokenVerifier,
  type TokenVerifier,
  type TokenVerifierOptions,
} from './token-verifier.ts'

export interface ConfiguredVerifierOptions {
  readonly clock: Clock
  readonly logger: Pick<Logger, 'warn'>
}

/**
 * The verifier of the configured issuers' tokens: the same for a deployed function and for this machine. Nothing is fetched before the
 * first token. With one issuer no claim is read before its signature is proven.
 * @throws {MmfError} `config_invalid` for settings that would weaken it, e.g. a `jwks_uri` over http that is not on loopback
 */
export function configuredTokenVerifier(
  issuers: readonly [IssuerConfig, ...IssuerConfig[]],
  options: ConfiguredVerifierOptions,
): TokenVerifier {
  const all = issuers.map(issuer => verifierOptions(issuer, issuers, options))
  const [only, ...further] = all
  return only !== undefined && further.length === 0 ? createTokenVerifier(only) : createIssuersVerifier(all)
}

function verifierOptions(
  issuer: IssuerConfig,
  issuers: readonly IssuerConfig[],
  { clock, logger }: ConfiguredVerifierOptions,
): TokenVerifierOptions {
  try {
    const jwks = createJwksCache({
      url: issuer.jwks_uri,
      fetch: plainFetch,
      clock,
      maxAgeSeconds: issuer.jwks_cache_seconds,
      onFailure: error =>
        logger.warn('the keys of the token issuer could not be fetched', { issuer: issuer.issuer, error }),
    })
    return {
      issuer: issuer.issuer,
      audience: issuer.audience,
      rules: configuredRules(
        issuer,
        issuers.filter(other => other !== issuer),
      ),
      jwks,
      algorithms: issuer.algorithms,
      leewaySeconds: issuer.clock_leeway_seconds,
      clock,
    }
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new MmfError('config_invalid', { detail: `base.yaml, ${issuer.section}: ${cause.message}`, cause })
  }
}
