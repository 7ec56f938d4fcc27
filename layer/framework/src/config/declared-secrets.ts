import { MmfError } from '../errors/mmf-error.ts'
import type { SecretResolver } from './secret-resolver.ts'

/** The secrets of a plugin whose manifest lists them: no other name is looked up for it. Without a list every name is. */
export function declaredSecrets(
  secrets: SecretResolver | undefined,
  plugin: string,
  names: readonly string[] | undefined,
): SecretResolver | undefined {
  if (secrets === undefined || names === undefined) return secrets
  return {
    description: secrets.description,
    resolve: async (name, version) => {
      if (names.includes(name)) return secrets.resolve(name, version)
      const allowed = names.length === 0 ? 'it lists none' : `it lists ${names.join(', ')}`
      throw new MmfError('access_undeclared', {
        detail: `permissions.secrets of the manifest of ${plugin} does not list it; ${allowed}`,
      })
    },
  }
}
