import type { KeyCatalogueRow } from './key-catalogue.ts'

interface Expectation {
  /** The whole catalogue. */
  readonly rows: readonly KeyCatalogueRow[]
  /** Keys that this process saw to. */
  readonly ensured: readonly string[]
  /** keyId → the first version's reference, where keys are made by the deployment. */
  readonly providerRefs: Readonly<Record<string, string>> | undefined
}

/**
 * Which of the provider's keys must be usable: the active version of each key. A deployment decides which keys there are: those it does not
 * name (any more) only verify and are not looked at; one that no function has registered yet is looked at by its reference.
 * @returns `missing`: a key without an active version
 */
export function expectedKeys({ rows, ensured, providerRefs }: Expectation): { missing?: string; refs: string[] } {
  const active = rows.filter(row => row.state === 'active')
  const named = Object.keys(providerRefs ?? {})
  const unregistered = named.filter(keyId => !ensured.includes(keyId) && !rows.some(row => row.keyId === keyId))
  const missing = [...ensured, ...named].find(
    keyId => !unregistered.includes(keyId) && !active.some(row => row.keyId === keyId),
  )
  if (missing !== undefined) return { missing, refs: [] }
  const counted = providerRefs === undefined ? active : active.filter(row => Object.hasOwn(providerRefs, row.keyId))
  const references = unregistered.flatMap(keyId => providerRefs?.[keyId] ?? [])
  return { refs: [...counted.map(row => row.providerRef), ...references] }
}
