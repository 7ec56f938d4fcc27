import { resolveSecret } from '@mmf/framework/embedded'

/**
 * What the digests of API keys are made with where the configuration names no secret. It is kept, apart from the data, in a file of its owner only: a copy of
 * the data folder alone makes and widens no key. Without the file no key of before is good.
 * @throws {MmfError} `config_invalid` when others can read the file
 */
export function apiKeySecret(secretFolder: string, dataDirectory: string): Promise<Uint8Array> {
  const file = `${secretFolder}/api-keys.secret`
  return resolveSecret({ file }, { directory: dataDirectory, mayCreate: true })
}
