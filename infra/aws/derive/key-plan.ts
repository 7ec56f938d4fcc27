import {
  type KeyDefinition,
  type KeySpec,
  type PluginDefinition,
  resourcesOf,
  type SigningAlgorithmName,
  signingAlgorithm,
} from '@mmf/framework'
import { keyIdOf } from '../framework.ts'

/** One physical key. */
export interface PlannedKey {
  /** The declared key it belongs to. */
  readonly key: KeyDefinition
  readonly keySpec: KeySpec
  /** As in the key catalogue: `document_signer-rsa-3072`. */
  readonly keyId: string
  /** The algorithms that this environment may ask of it. */
  readonly algorithms: readonly SigningAlgorithmName[]
}

/**
 * One physical key for each key spec among the algorithms that a key declares and `signing_algorithms` in the plugin's configuration
 * allows; a plugin without that setting gets all that its keys declare.
 */
export function plannedKeys(plugin: PluginDefinition, config: unknown): readonly PlannedKey[] {
  const allowed = (config as { signing_algorithms?: readonly string[] }).signing_algorithms
  return resourcesOf(plugin).keys.flatMap(key => {
    const algorithms = key.algorithms.filter(name => allowed === undefined || allowed.includes(name))
    const bySpec = Map.groupBy(algorithms, name => signingAlgorithm(name).keySpec)
    return [...bySpec].map(([keySpec, names]) => ({
      key,
      keySpec,
      keyId: keyIdOf(key.name, keySpec),
      algorithms: names,
    }))
  })
}
