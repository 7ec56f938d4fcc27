import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment, PluginDefinition } from '@mmf/framework'
import type { ApiDomain } from '../deployment.ts'
import { DeploymentError } from '../deployment-error.ts'
import type { BaseConfig, PluginConfig } from '../framework.ts'
import { truststoreMistake } from './truststore-certificate.ts'

export interface DomainSource {
  readonly environment: Environment
  readonly configDir: string
  readonly base: Pick<BaseConfig, 'aws'>
  readonly plugins: readonly { readonly definition: PluginDefinition; readonly config: PluginConfig }[]
}

/** API Gateway takes truststores up to these (quotas of HTTP APIs, mutual TLS). */
const maxCertificates = 1000
const maxBytes = 1_000_000

/**
 * The custom domain of the API, or undefined where none is set and none is needed. API Gateway asks for client certificates on a custom domain only: an
 * environment that requires them and has none would answer 401 to every request.
 * @throws {DeploymentError} naming the settings that are missing, or what is wrong with the truststore
 */
export function apiDomain({ environment, configDir, base, plugins }: DomainSource): ApiDomain | undefined {
  const { domain_name: name, certificate_arn: certificateArn, truststore } = base.aws
  const demanding = plugins.find(
    ({ definition, config }) => config.enabled && definition.transport?.(config)?.requireClientCertificate === true,
  )
  const isWanted = [name, certificateArn, truststore].some(value => value !== undefined)
  const needed = { domain_name: name, certificate_arn: certificateArn, ...(demanding && { truststore }) }
  const missing = Object.entries(needed).flatMap(([setting, value]) => (value === undefined ? [setting] : []))
  if ((demanding !== undefined || isWanted) && missing.length > 0) {
    const why =
      demanding === undefined
        ? `${environment} has half a custom domain`
        : `${environment} requires client certificates (${demanding.definition.name}: mutual TLS), which API Gateway takes on a custom domain only`
    const settings = missing.map(setting => `aws.${setting}`).join(', ')
    const variables = missing.map(setting => `MMF__aws__${setting}`).join(', ')
    throw new DeploymentError(
      `${why}: set ${settings} in base.yaml, or ${variables} (docs/deployment.md, "Mutual TLS")`,
    )
  }
  if (name === undefined || certificateArn === undefined) return undefined
  return { name, certificateArn, truststore: truststore && checkedTruststore(join(configDir, truststore), truststore) }
}

/** Reads the file before anything is created: the authorities in it decide which clients are let in. */
function checkedTruststore(path: string, given: string): string {
  const refuse = (reason: string) => new DeploymentError(`aws.truststore, ${given}: ${reason}`)
  const status = statSync(path, { throwIfNoEntry: false })
  if (status?.isFile() !== true) throw refuse('there is no such file beside base.yaml')
  if (status.size > maxBytes) throw refuse(`larger than ${maxBytes} bytes`)
  const text = readFileSync(path, 'utf8')
  if (text.includes('PRIVATE KEY')) throw refuse('it holds a private key, which belongs in no configuration')
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw refuse('there is no certificate in it (PEM is expected)')
  if (blocks.length > maxCertificates)
    throw refuse(`${blocks.length} certificates, at most ${maxCertificates} are taken`)
  blocks.forEach((block, position) => {
    const mistake = truststoreMistake(block)
    if (mistake !== undefined) throw refuse(`certificate ${position + 1} ${mistake}`)
  })
  return path
}
