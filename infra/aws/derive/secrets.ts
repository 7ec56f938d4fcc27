import type { SecretReference, SecretResolver } from '../framework.ts'

/** The names of the secrets that some references need, each once. */
export const secretNames = (references: readonly SecretReference[]): readonly string[] =>
  [...new Set(references.map(({ name }) => name))].sort()

/**
 * Stands for the secret store where the stacks are made: the configuration is checked with it, and no value is read. Every member that is asked for
 * is there.
 */
export function withoutValues(references: readonly SecretReference[]): SecretResolver {
  return {
    description: 'the configuration itself',
    async resolve(name) {
      const keys = references.filter(reference => reference.name === name).flatMap(({ jsonKey }) => jsonKey ?? [])
      return JSON.stringify(Object.fromEntries(keys.map(key => [key, 'read when a function starts'])))
    },
  }
}
