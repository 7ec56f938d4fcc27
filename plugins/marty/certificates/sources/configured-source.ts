import { defined, type HealthResult, MmfError, type Secret } from '@mmf/framework'
import type { MartyConfig } from '../../config.ts'

/** A server that others run and that is asked at regular times. */
export interface Source {
  readonly url: string
  /** The `Authorization` of requests to it, for no other origin. */
  readonly authorization?: Secret | undefined
}

type SourceName = 'master_list' | 'pkd'

/** The source of that name, or undefined where none is configured. */
export function sourceIn(config: MartyConfig, name: SourceName): Source | undefined {
  const url = config[`${name}_source_url`]
  return url === undefined ? undefined : { url, ...defined({ authorization: config[`${name}_source_authorization`] }) }
}

/** @throws {MmfError} `source_not_configured`, naming the setting */
export function requiredSource(config: MartyConfig, name: SourceName): Source {
  const source = sourceIn(config, name)
  if (source !== undefined) return source
  throw new MmfError('source_not_configured', { detail: `plugins.marty.${name}_source_url is not set` })
}

/** Says that nothing is polled: a deployment without a source works, and its operator is to see it. */
export const sourceHealth =
  (name: SourceName) =>
  async (config: unknown): Promise<HealthResult> =>
    sourceIn(config as MartyConfig, name) === undefined
      ? { status: 'healthy', reason: `no source: nothing is polled until ${name}_source_url is set` }
      : { status: 'healthy' }
