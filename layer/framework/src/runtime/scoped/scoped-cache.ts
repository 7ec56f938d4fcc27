import type { Cache } from '../../cache/cache.ts'
import type { Logger } from '../../observability/observability.ts'

/** The cache under the plugin's name: no plugin reads or forgets another's values. `logger` says of each look whether it was a hit. */
export function scopedCache(cache: Cache, plugin: string, logger: Logger): Cache {
  const own = (key: string) => `${plugin}:${key}`
  return {
    async get(key) {
      const value = await cache.get(own(key))
      logger.debug('cache', () => ({ key, hit: value !== undefined }))
      return value as never
    },
    set: (key, value, options) => cache.set(own(key), value, options),
    async getOrLoad(key, options, load) {
      const loaded = await cache.getOrLoad(own(key), options, load)
      const { logger: caller = logger } = options
      caller.debug('cache', () => ({ key, hit: loaded.hit, found: loaded.value !== undefined }))
      return loaded
    },
    delete: key => cache.delete(own(key)),
    deletePattern: pattern => cache.deletePattern(own(pattern)),
  }
}
