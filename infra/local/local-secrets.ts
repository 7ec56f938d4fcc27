import { resolve } from 'node:path'
import { environmentSecretResolver, fileSecretResolver, firstSecretResolver } from '@mmf/framework/embedded'

/** `${SECRET:name}` on this machine: the variable MMF_SECRET_…, else the owner-only file beside the data, never in it. */
export function localSecrets(env: Readonly<Record<string, string | undefined>>) {
  const dataDirectory = resolve(env['MARTY_DATA_DIR'] ?? '.marty')
  return firstSecretResolver(environmentSecretResolver(env), fileSecretResolver(`${dataDirectory}-secret/secrets.json`))
}
