import { resolveSecret } from '@mmf/framework/embedded'

/**
 * What presigned URLs of blobs are signed with. It is kept, so that a URL is good until it ends although the process was started again; in a
 * file of its owner only, apart from the data: with it, a copy of the data folder would suffice to make URLs for a running platform.
 * @throws {MmfError} `config_invalid` when others can read the file
 */
export function blobSecret(secretFolder: string, dataDirectory: string): Promise<Uint8Array> {
  const file = `${secretFolder}/blob-urls.secret`
  return resolveSecret({ file }, { directory: dataDirectory, mayCreate: true })
}
