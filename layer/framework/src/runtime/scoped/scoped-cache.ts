import type { Cache } from '../../cache/cache.ts'

/** The cache under the plugin's name: no plugin reads or forgets another's values. */
export function scopedCache(cache: Cache, plugin: string): Cache {
  const own = (key: string) => `${plugin}:${key}`
  return {
    get: key => cache.get(own(key)),
    set: (key, value, options) => cache.set(own(key), value, options),
    getOrLoad: (key, options, load) => cache.getOrLoad(own(key), options, load),
    delete: key => cache.delete(own(key)),
    deletePattern: pattern => cache.deletePattern(own(pattern)),
  }
}
