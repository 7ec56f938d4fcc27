import type { Clock, Environment, Logger } from '@mmf/framework'
import {
  type BaseConfig,
  configuredTokenVerifier,
  createTokenVerifier,
  namesIssuer,
  requireIssuers,
  staticKeySource,
  type TokenVerifier,
} from '@mmf/framework/embedded'
import { type LocalIssuer, openLocalIssuer } from './local-issuer.ts'

/** Environments that may do without a configured issuer: their tokens then come from this machine. */
const withoutIssuer: readonly Environment[] = ['development', 'testing']

/** The configured issuers, or the one of this machine. */
export type TokenAuthority = ReturnType<typeof requireIssuers> | 'embedded'

/**
 * Whose tokens count here: those of the configured issuers and no others; only where none is configured, in development and testing, those of an issuer of
 * this machine (`embedded`).
 * @throws {MmfError} `config_invalid` where the issuer is configured in part, or not at all in staging and production
 */
export function tokenAuthority(base: Pick<BaseConfig, 'authentication'>, environment: Environment): TokenAuthority {
  return namesIssuer(base) || !withoutIssuer.includes(environment) ? requireIssuers(base, environment) : 'embedded'
}

export interface TokenCheck {
  readonly verifier: TokenVerifier
  /** The public keys of the issuer of this machine, where that one counts. */
  readonly jwks: LocalIssuer['jwks'] | undefined
}

export interface TokenCheckOptions {
  readonly dataDirectory: string
  readonly leewaySeconds: number
  readonly clock: Clock
  readonly logger: Logger
}

/** Opens the check of tokens for an authority; makes the key of the embedded issuer when it is not there yet. */
export function openTokenCheck(authority: TokenAuthority, options: TokenCheckOptions): TokenCheck {
  if (authority !== 'embedded') return { verifier: configuredTokenVerifier(authority, options), jwks: undefined }
  const { issuer, audience, algorithm, jwks } = openLocalIssuer(options)
  const { clock, leewaySeconds } = options
  const keys = staticKeySource(jwks)
  return {
    verifier: createTokenVerifier({ issuer, audience, jwks: keys, algorithms: [algorithm], leewaySeconds, clock }),
    jwks,
  }
}
