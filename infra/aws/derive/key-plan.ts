import {
  type KeyDefinition,
  type KeySpec,
  type PluginDefinition,
  type SigningAlgorithmName,
  signingAlgorithm,
} from '@mmf/framework'
import { allowedKeys } from '@mmf/framework/internal'
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

/** One physical key for each key spec among the algorithms that a key declares and the configuration allows. */
export function plannedKeys(plugin: PluginDefinition, config: unknown): readonly PlannedKey[] {
  return allowedKeys(plugin, config).flatMap(({ key, algorithms }) => {
    const bySpec = Map.groupBy(algorithms, name => signingAlgorithm(name).keySpec)
    return [...bySpec].map(([keySpec, names]) => ({
      key,
      keySpec,
      keyId: keyIdOf(key.name, keySpec),
      algorithms: names,
    }))
  })
}
