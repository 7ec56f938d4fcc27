import type { BaseConfig } from '../config/base-schema.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { type ApiKeyHash, createApiKeyHash } from './api-key-hash.ts'

const shortest = 32

/**
 * The hash by the secrets of the configuration; else by the host's own, where it has one; else none: there are no API keys then.
 * @throws {MmfError} `config_invalid` for a secret that is too short, or the one before it alone
 */
export function configuredApiKeyHash(
  { api_keys: { secret, previous_secret: previous } }: Pick<BaseConfig, 'api_keys'>,
  own?: Uint8Array,
): ApiKeyHash | undefined {
  if (secret === undefined) {
    if (previous !== undefined) throw invalid('api_keys.previous_secret is set without api_keys.secret')
    return own === undefined ? undefined : createApiKeyHash([own])
  }
  const given = [secret, ...(previous === undefined ? [] : [previous])].map(one => Buffer.from(one.reveal()))
  const [first, ...others] = given
  if (first === undefined || given.some(({ length }) => length < shortest)) {
    throw invalid(`api_keys.secret and api_keys.previous_secret must have at least ${shortest} characters`)
  }
  return createApiKeyHash([first, ...others])
}

const invalid = (reason: string) => new MmfError('config_invalid', { detail: `base.yaml: ${reason}` })
