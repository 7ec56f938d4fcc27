import type { BlobInfo, Blobs } from '../../blobs/blobs.ts'
import { MmfError } from '../../errors/mmf-error.ts'

/** The blobs under the plugin's name, for a service that declared them. */
export function scopedBlobs(
  blobs: Blobs,
  access: 'read' | 'write' | undefined,
  plugin: string,
  service: string,
): Blobs {
  const prefix = `${plugin}/`
  const own = (key: string, needs: 'read' | 'write'): string => {
    if (access === 'write' || access === needs) return prefix + key
    throw new MmfError('access_undeclared', { detail: `${service} does not ${needs} blobs` })
  }
  const shown = <T extends BlobInfo>(info: T): T => ({ ...info, key: info.key.slice(prefix.length) })
  return {
    put: async (key, body, options) => shown(await blobs.put(own(key, 'write'), body, options)),
    async get(key, options) {
      const found = await blobs.get(own(key, 'read'), options)
      return found && { ...found, info: shown(found.info) }
    },
    async head(key, options) {
      const found = await blobs.head(own(key, 'read'), options)
      return found && shown(found)
    },
    delete: async (key, options) => blobs.delete(own(key, 'write'), options),
    async list(keyPrefix, options) {
      const page = await blobs.list(own(keyPrefix, 'read'), options)
      return { ...page, rows: page.rows.map(shown) }
    },
    presignGet: async (key, options) => blobs.presignGet(own(key, 'read'), options),
    presignPut: async (key, options) => blobs.presignPut(own(key, 'write'), options),
  }
}
