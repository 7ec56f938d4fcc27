import { MmfError } from '../errors/mmf-error.ts'
import type { Environment } from '../plugin/environment.ts'
import type { BaseConfig } from './base-schema.ts'

type Authentication = BaseConfig['authentication']

/** The issuer of accepted tokens, complete. */
export interface IssuerConfig extends Authentication {
  readonly issuer: string
  readonly audience: string
  readonly jwks_uri: string
}

/** Environments whose data and keys are real: their issuer is reached over TLS. */
const deployedEnvironments: readonly Environment[] = ['staging', 'production']

/**
 * The configured issuer of tokens. Whoever boots a deployed function or synthesises its stack calls this, and the local runner,
 * except in `development` and `testing` without a configured issuer, where it has one of its own.
 * @throws {MmfError} `config_invalid` when issuer, audience or jwks_uri is missing, or is not https in staging and production
 */
export function requireIssuer(base: Pick<BaseConfig, 'authentication'>, environment: Environment): IssuerConfig {
  const { issuer, audience, jwks_uri } = base.authentication
  const missing = Object.entries({ issuer, audience, jwks_uri }).filter(([, value]) => value === undefined)
  if (issuer === undefined || audience === undefined || jwks_uri === undefined) {
    const names = missing.map(([name]) => `authentication.${name}`)
    throw refused(environment, names, 'is not set: without it nobody can be authenticated')
  }
  const plain = Object.entries({ issuer, jwks_uri }).filter(([, value]) => value.startsWith('http:'))
  if (deployedEnvironments.includes(environment) && plain.length > 0) {
    const names = plain.map(([name]) => `authentication.${name}`)
    throw refused(environment, names, 'must be an https address')
  }
  return { ...base.authentication, issuer, audience, jwks_uri }
}

function refused(environment: Environment, paths: readonly string[], reason: string): MmfError {
  return new MmfError('config_invalid', {
    detail: `base.yaml, environment ${environment}: ${paths.join(', ')} ${reason}`,
    errors: paths.map(path => ({ path, message: reason })),
  })
}
