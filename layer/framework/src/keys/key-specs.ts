import {
  allSigningAlgorithmNames,
  type KeyShape,
  type KeySpec,
  type SigningAlgorithmName,
  signingAlgorithm,
} from './signing-algorithms.ts'

/** What each key spec is, as the rows of the algorithms say. */
export const keySpecs: Readonly<Record<KeySpec, KeyShape>> = Object.fromEntries(
  allSigningAlgorithmNames.map(name => [signingAlgorithm(name).keySpec, signingAlgorithm(name).key]),
) as Record<KeySpec, KeyShape>

export const keySpecNames = Object.keys(keySpecs) as readonly KeySpec[]

/** Whether a string from outside names a key spec. */
export function isKeySpec(value: string): value is KeySpec {
  return Object.hasOwn(keySpecs, value)
}

/** The id of a key: `<key name>-<key spec>`, e.g. `document_signer-rsa-3072`. */
export function keyIdOf(keyName: string, keySpec: KeySpec): string {
  return `${keyName}-${keySpec.toLowerCase().replaceAll('_', '-')}`
}

/** Every algorithm that a key of this spec can sign with, in the order of the table. */
export function algorithmsOf(keySpec: KeySpec): readonly SigningAlgorithmName[] {
  return allSigningAlgorithmNames.filter(name => signingAlgorithm(name).keySpec === keySpec)
}
