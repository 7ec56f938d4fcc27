import { MmfError } from '../../errors/mmf-error.ts'
import { type KeySource, keySet } from './key-source.ts'

/** The keys of an issuer that are known without asking it. @throws {TypeError} when `jwks` is no JWK Set */
export function staticKeySource(jwks: { readonly keys: readonly unknown[] }): KeySource {
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
