import { MmfError } from '../../errors/mmf-error.ts'
import { type KeySource, keySet } from './key-source.ts'

/** A key source that a test has at hand. @throws {TypeError} when `jwks` is no JWK Set */
export function createStaticKeySource(jwks: { readonly keys: readonly object[] }): KeySource {
  const set = keySet(jwks)
  if (set === undefined) throw new TypeError('not a JWK Set')
  return {
    async find(kid, algorithm) {
      const found = set.select(kid, algorithm)
      if (found instanceof MmfError) throw found
      return found
    },
  }
}
