import type { KeyGrant } from '../../contract/scope.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Keys } from '../../keys/keys.ts'

/** The keys cut down to the grants of a service. Verifying and reading public keys needs no grant: they are public. */
export function scopedKeys(keys: Keys, grants: readonly KeyGrant[], service: string): Keys {
  const signing = new Set(grants.map(grant => grant.key.name))
  return {
    async sign(key, algorithm, input, options) {
      if (!signing.has(key)) throw new MmfError('access_undeclared', { detail: `${service} does not sign with ${key}` })
      return keys.sign(key, algorithm, input, options)
    },
    verify: (reference, algorithm, input, signature, options) =>
      keys.verify(reference, algorithm, input, signature, options),
    version: (keyId, version, options) => keys.version(keyId, version, options),
    versions: options => keys.versions(options),
  }
}
