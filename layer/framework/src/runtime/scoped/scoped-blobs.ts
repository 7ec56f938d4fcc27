import type { BlobInfo, Blobs } from '../../blobs/blobs.ts'
import { lockedPrefix } from '../../blobs/check-blob.ts'
import { MmfError } from '../../errors/mmf-error.ts'

/** The blobs under the plugin's name, for a service that declared them. */
export function scopedBlobs(
  blobs: Blobs,
  access: 'read' | 'write' | undefined,
  plugin: string,
  service: string,
  locked = false,
): Blobs {
  const prefix = `${plugin}/`
  const own = (key: string, needs: 'read' | 'write'): string => {
    if (key.startsWith(lockedPrefix) && !locked) {
      throw new MmfError('access_undeclared', { detail: `${service} has no locked blobs` })
    }
    if (access === 'write' || access === needs) return prefix + key
    throw new MmfError('access_undeclared', { detail: `${service} does not ${needs} blobs` })
  }
  /** What is locked is neither replaced nor removed, wherever it lies. */
  const changeable = (key: string): string => {
    if (!key.startsWith(lockedPrefix)) return own(key, 'write')
    throw new MmfError('access_undeclared', { detail: `${service} does not change locked blobs` })
  }
  const shown = <T extends BlobInfo>(info: T): T => ({ ...info, key: info.key.slice(prefix.length) })
  return {
    put: async (key, body, options) =>
      shown(
        await blobs.put(own(key, 'write'), body, {
          ...options,
          ...(key.startsWith(lockedPrefix) ? { ifAbsent: true } : {}),
        }),
      ),
    async get(key, options) {
      const found = await blobs.get(own(key, 'read'), options)
      return found && { ...found, info: shown(found.info) }
    },
    async head(key, options) {
      const found = await blobs.head(own(key, 'read'), options)
      return found && shown(found)
    },
    delete: async (key, options) => blobs.delete(changeable(key), options),
    async list(keyPrefix, options) {
      const page = await blobs.list(own(keyPrefix, 'read'), options)
      return { ...page, rows: page.rows.map(shown) }
    },
    presignGet: async (key, options) => blobs.presignGet(own(key, 'read'), options),
    presignPut: async (key, options) => blobs.presignPut(changeable(key), options),
  }
}
