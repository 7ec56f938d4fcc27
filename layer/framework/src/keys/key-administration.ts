import type { Clock } from '../clock/clock.ts'
import { unlessConflict } from '../database/unless-conflict.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import { isKeyReference, type KeyCatalogue, type KeyCatalogueRow, keyOf, maxVersion } from './key-catalogue.ts'
import type { KeyProvider, ProviderKey } from './key-provider.ts'
import { keyIdOf } from './key-specs.ts'
import type { KeyDefinition } from './keys.ts'
import { type KeySpec, type SigningAlgorithmName, signingAlgorithm } from './signing-algorithms.ts'
import { importSpki, isOfKeySpec } from './spki.ts'

/** What an operator, or the start of a host, does with keys. */
export interface KeyAdministration {
  /**
   * Makes sure that each key spec among `algorithms` has a first version: registered from `providerRefs`, else made. A reference that is none of
   * the versions becomes the next one. Instances that start together end with one version; what a loser made stays in its provider, unused.
   * @returns the ids of the keys
   * @throws {MmfError} `config_invalid`: an algorithm that the definition lacks, an ARN that is missing;
   * `key_service_unavailable`, `key_service_refused`, `database_unavailable`
   */
  ensure(definition: KeyDefinition, algorithms: readonly SigningAlgorithmName[]): Promise<readonly string[]>
  /**
   * A new version signs from now on, and the old one is retired: it verifies for ever. Also replaces a revoked version.
   * @param options.providerRef an existing key of the provider; a new one is made without it
   * @returns the number of the new version
   * @throws {MmfError} `key_not_found`; `conflict` when another rotation was first, or the provider's key is in use already
   */
  rotate(keyId: string, options?: { providerRef?: string }): Promise<number>
  /**
   * From now on no signature of this version is valid; the active version then signs no more until `rotate`. Revoking again
   * changes nothing.
   * @throws {MmfError} `key_not_found`
   */
  revoke(keyId: string, version: number): Promise<void>
  /** Ids of the keys that `ensure` saw to in this process. */
  ensured(): readonly string[]
}

interface AdministrationOptions {
  readonly provider: KeyProvider
  readonly catalogue: KeyCatalogue
  readonly clock: Clock
  readonly providerRefs?: Readonly<Record<string, string>>
  /** Called after each change, so that this process's caches forget. */
  changed(keyId: string, version?: number): void
}

/** Changes of the key catalogue. A version exists once its row does: whatever happens before leaves nothing that is used. */
export function createKeyAdministration(options: AdministrationOptions): KeyAdministration {
  const { provider, catalogue, clock, providerRefs, changed } = options
  const ensured = new Set<string>()

  const existing = async (providerRef: string): Promise<ProviderKey> => ({
    providerRef,
    publicKey: await provider.publicKey(providerRef),
  })
  const firstKey = (keyId: string, keySpec: KeySpec): Promise<ProviderKey> => {
    if (providerRefs === undefined) return provider.create(keySpec)
    const providerRef = providerRefs[keyId]
    if (providerRef === undefined)
      throw new MmfError('config_invalid', { detail: `the deployment names no key for ${keyId}` })
    return existing(providerRef)
  }
  const rowOf = (keyId: string, version: number, keySpec: KeySpec, key: ProviderKey): KeyCatalogueRow => {
    const spki = importSpki(key.publicKey)
    if (spki === undefined || !isOfKeySpec(spki, keySpec))
      throw new MmfError('key_service_refused', { detail: `the key given for ${keyId} is not of ${keySpec}` })
    const now = clock.now().toISOString()
    const times = { createdAt: now, activatedAt: now }
    return { ...keyOf(keyId, version), keyId, version, state: 'active', keySpec, ...key, ...times }
  }
  const succeed = async (current: KeyCatalogueRow, key: ProviderKey): Promise<KeyCatalogueRow> => {
    const { keyId, version, keySpec } = current
    if (version >= maxVersion) throw new MmfError('conflict', { detail: `${keyId} has its last version` })
    const next = rowOf(keyId, version + 1, keySpec, key)
    try {
      await catalogue.replace(current, next)
    } finally {
      changed(keyId, version)
      changed(keyId, next.version)
    }
    return next
  }
  /** The key that the deployment names, when it is none of the versions: its own key was made anew. */
  const replacement = async ({ keyId, providerRef }: KeyCatalogueRow): Promise<ProviderKey | undefined> => {
    const named = providerRefs?.[keyId]
    if (named === undefined || named === providerRef) return undefined
    const isVersion = (await catalogue.listAll()).some(row => row.providerRef === named)
    return isVersion ? undefined : existing(named)
  }
  const ensureKey = async (keyId: string, keySpec: KeySpec): Promise<void> => {
    const latest = await catalogue.latest(keyId)
    // A conflict: another instance registered first, which is what was wanted.
    if (latest === undefined) {
      const row = rowOf(keyId, 1, keySpec, await firstKey(keyId, keySpec))
      await unlessConflict(catalogue.add(row))
      changed(keyId, 1)
    } else {
      const key = await replacement(latest)
      if (key !== undefined) await unlessConflict(succeed(latest, key).then(() => undefined))
    }
    ensured.add(keyId)
  }

  return {
    async ensure(definition, algorithms) {
      const unknown = algorithms.find(algorithm => !definition.algorithms.includes(algorithm))
      if (unknown !== undefined)
        throw new MmfError('config_invalid', { detail: `the key ${definition.name} does not declare ${unknown}` })
      const specs = [...new Set(algorithms.map(algorithm => signingAlgorithm(algorithm).keySpec))]
      await Promise.all(specs.map(keySpec => ensureKey(keyIdOf(definition.name, keySpec), keySpec)))
      return specs.map(keySpec => keyIdOf(definition.name, keySpec))
    },

    async rotate(keyId, { providerRef } = {}) {
      const current = isKeyReference(keyId, 1) ? await catalogue.latest(keyId) : undefined
      if (current === undefined) throw new MmfError('key_not_found', { detail: 'there is no such key to rotate' })
      const used = providerRef && (await catalogue.listAll()).find(row => row.providerRef === providerRef)
      if (used)
        throw new MmfError('conflict', { detail: `this key is version ${used.version} of ${used.keyId} already` })
      const key = providerRef === undefined ? await provider.create(current.keySpec) : await existing(providerRef)
      try {
        return (await succeed(current, key)).version
      } catch (error) {
        if (!isMmfError(error, 'database_conflict')) throw error
        throw new MmfError('conflict', { detail: `${keyId} was changed by another instance`, cause: error })
      }
    },

    async revoke(keyId, version) {
      const row = isKeyReference(keyId, version) ? await catalogue.get(keyId, version) : undefined
      if (row === undefined) throw new MmfError('key_not_found', { detail: 'there is no such version to revoke' })
      try {
        // A conflict: rows are never removed, so the only other state is the one wanted.
        await unlessConflict(catalogue.revoke(keyId, version, clock.now().toISOString()))
      } finally {
        changed(keyId, version)
      }
    },

    ensured: () => [...ensured],
  }
}
