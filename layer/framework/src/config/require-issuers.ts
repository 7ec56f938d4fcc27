import type { Environment } from '../contract/environment.ts'
import { reservedPrefixes } from '../contract/subject-prefixes.ts'
import { defined } from '../defined.ts'
import { type FieldError, MmfError } from '../errors/mmf-error.ts'
import type { AuthenticationConfig } from './authentication-schema.ts'
import type { BaseConfig } from './base-schema.ts'

/** One issuer of accepted tokens, complete. */
export interface IssuerConfig
  extends Omit<AuthenticationConfig, 'issuer' | 'audience' | 'jwks_uri' | 'issuers' | 'iam'> {
  /** The path of its section: `authentication`, or `authentication.issuers.<name>` for a further one. */
  readonly section: string
  readonly issuer: string
  readonly audience: readonly string[]
  readonly jwks_uri: string
  /** Whether its subjects carry the name of the issuer. Those of the one issuer in `authentication` itself do not. */
  readonly qualified: boolean
}

type Section = Omit<AuthenticationConfig, 'issuers' | 'iam'>

/** Environments whose data and keys are real: their issuers are reached over TLS. */
const deployedEnvironments: readonly Environment[] = ['staging', 'production']

/**
 * The configured issuers of tokens, at least one. A deployed function calls this when it starts, the synthesis of its stack does, and so does
 * the local runner, except in `development` and `testing` without a configured issuer, where it has one of its own.
 * @throws {MmfError} `config_invalid` when no issuer is configured, when issuer, audience or jwks_uri of one is missing, or is not https in
 *   staging and production, when two answer to one `iss`, or when a setting is for an issuer that is not there
 */
export function requireIssuers(
  base: Pick<BaseConfig, 'authentication'>,
  environment: Environment,
): readonly [IssuerConfig, ...IssuerConfig[]] {
  const { issuers, iam: _iam, ...own } = base.authentication
  const further = Object.entries(issuers).map(
    ([name, issuer]) => [`authentication.issuers.${name}`, { ...inherited(own), ...present(issuer) }] as const,
  )
  const counts = isConfigured(own) || further.length === 0
  const sections: readonly (readonly [string, Section])[] = counts ? [['authentication', own], ...further] : further
  const complete = sections.map(([section, settings]) => completeIssuer(section, settings, environment))
  refuseSharedNames(complete, environment)
  const [first, ...others] = complete
  if (first === undefined) throw new TypeError('there is no section')
  return [first, ...others]
}

/** Whether the configuration names an issuer, if only in part. */
export function namesIssuer({ authentication }: Pick<BaseConfig, 'authentication'>): boolean {
  return isConfigured(authentication) || Object.keys(authentication.issuers).length > 0
}

/** A setting that says how tokens are read asks for an issuer whose tokens they are. */
function isConfigured(settings: Section): boolean {
  const { issuer, audience, jwks_uri, preset, issuer_aliases, claims, accept_unmapped } = settings
  const maps = [settings.role_map, settings.permission_map, settings.required_claims, claims]
  return (
    [issuer, audience, jwks_uri, accept_unmapped].some(value => value !== undefined) ||
    preset !== 'standard' ||
    issuer_aliases.length > 0 ||
    maps.some(map => Object.keys(map).length > 0)
  )
}

/** What a further issuer takes from the section above where it says nothing itself. */
function inherited({ algorithms, clock_leeway_seconds, jwks_cache_seconds }: Section) {
  return { algorithms, clock_leeway_seconds, jwks_cache_seconds }
}

type Further = AuthenticationConfig['issuers'][string]

function present({ algorithms, clock_leeway_seconds, jwks_cache_seconds, ...issuer }: Further) {
  return {
    ...issuer,
    ...defined({ algorithms, clock_leeway_seconds, jwks_cache_seconds }),
  }
}

function completeIssuer(section: string, settings: Section, environment: Environment): IssuerConfig {
  const { issuer, audience, jwks_uri } = settings
  const missing = Object.entries({ issuer, audience, jwks_uri }).filter(([, value]) => value === undefined)
  if (issuer === undefined || audience === undefined || jwks_uri === undefined) {
    const names = missing.map(([name]) => `${section}.${name}`)
    throw refused(environment, names, 'is not set: without it no caller can be authenticated')
  }
  const plain = Object.entries({ issuer, jwks_uri }).filter(([, value]) => value.startsWith('http:'))
  if (deployedEnvironments.includes(environment) && plain.length > 0) {
    const names = plain.map(([name]) => `${section}.${name}`)
    throw refused(environment, names, 'must be an https address')
  }
  const qualified = section !== 'authentication'
  // The subject of a further issuer is `<issuer>#<sub>`: where the issuer ends must be plain (RFC 8414 §2 allows no fragment).
  if (qualified && issuer.includes('#')) throw refused(environment, [`${section}.issuer`], 'must not contain "#"')
  if (qualified && reservedPrefixes.includes(`${issuer}#`)) {
    throw refused(environment, [`${section}.issuer`], 'is a name that other credentials have')
  }
  return { ...settings, section, issuer, jwks_uri, qualified, audience: [audience].flat() }
}

function refuseSharedNames(issuers: readonly IssuerConfig[], environment: Environment): void {
  const owners = new Map<string, string>()
  for (const { section, issuer, issuer_aliases: aliases } of issuers) {
    for (const name of [issuer, ...aliases]) {
      const owner = owners.get(name)
      if (owner !== undefined) throw refused(environment, [section], `answers to an "iss" that is in ${owner} too`)
      owners.set(name, section)
    }
  }
}

function refused(environment: Environment, paths: readonly string[], reason: string): MmfError {
  return new MmfError('config_invalid', {
    detail: `base.yaml, environment ${environment}: ${paths.join(', ')} ${reason}`,
    errors: paths.map((path): FieldError => ({ path, message: reason })),
  })
}
