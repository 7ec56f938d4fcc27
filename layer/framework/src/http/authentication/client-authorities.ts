import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { BaseConfig } from '../../config/base-schema.ts'
import { MmfError } from '../../errors/mmf-error.ts'

const maxBytes = 1_000_000
const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/**
 * The authorities of client certificates that the configuration names, each as PEM; none where it names none.
 * @param configDir the folder of `base.yaml`, which the path is relative to
 * @throws {MmfError} `config_invalid` naming setting, file, and what is expected
 */
export function configuredAuthorities(
  { client_certificates: settings, aws }: Pick<BaseConfig, 'client_certificates' | 'aws'>,
  configDir: string,
): readonly string[] {
  const setting = settings.authorities === undefined ? 'aws.truststore' : 'client_certificates.authorities'
  const file = settings.authorities ?? aws.truststore
  if (file === undefined) return []
  const path = resolve(configDir, file)
  const refuse = (reason: string, cause?: unknown) =>
    new MmfError('config_invalid', { detail: `base.yaml, ${setting}: ${path}: ${reason}`, cause })
  const status = statSync(path, { throwIfNoEntry: false })
  if (status?.isFile() !== true) throw refuse('there is no such file')
  if (status.size > maxBytes) throw refuse(`larger than ${maxBytes} bytes`)
  const text = readFileSync(path, 'utf8')
  if (text.includes('PRIVATE KEY')) throw refuse('it holds a private key, which belongs in no list of authorities')
  const blocks = text.match(pemCertificate) ?? []
  if (blocks.length === 0) throw refuse('there is no certificate in it (PEM is expected)')
  return blocks.map((block, position) => {
    if (!isAuthority(block)) throw refuse(`certificate ${position + 1} is none of an authority, or cannot be read`)
    return `${block}\n`
  })
}

function isAuthority(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca
  } catch {
    return false
  }
}
