import type { KeyObject } from 'node:crypto'
import type { Clock } from '../clock/clock.ts'
import type { Database } from '../database/database.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import type { HealthResult } from '../health/health.ts'
import { checkSignable } from './digest.ts'
import { expectedKeys } from './expected-keys.ts'
import { createKeyAdministration, type KeyAdministration } from './key-administration.ts'
import { createKeyCatalogue, isKeyReference, type KeyCatalogueRow, type keyCatalogue } from './key-catalogue.ts'
import type { KeyProvider } from './key-provider.ts'
import { keyIdOf } from './key-specs.ts'
import type { KeyDefinition, Keys, KeyVersion } from './keys.ts'
import { createReadCache } from './read-cache.ts'
import { checkSignatureFormat, derOf, inFormat } from './signature-format.ts'
import { signingAlgorithm } from './signing-algorithms.ts'
import { importSpki } from './spki.ts'
import { verifySignature } from './verify-signature.ts'

export interface KeyServiceOptions {
  readonly provider: KeyProvider
  readonly database: Database<typeof keyCatalogue, typeof keyCatalogue>
  readonly definitions: readonly KeyDefinition[]
  readonly clock: Clock
  /**
   * Where keys are made by the deployment: keyId → ARN. `ensure` then registers these and makes none. Without it `ensure` makes
   * missing keys with the provider.
   */
  readonly providerRefs?: Readonly<Record<string, string>>
  /** Milliseconds after which active versions and states are read again. Default 60,000. */
  readonly maxAge?: number
  /** Milliseconds for which "no such version" is believed. Default 1,000. */
  readonly negativeMaxAge?: number
  /** Cached versions. Default 1,000. */
  readonly maxEntries?: number
}

/** The keys port of a host: what operations may do, and what operators and the boot do beside it. */
export interface KeyService extends Keys, KeyAdministration {
  /** Whether each ensured key, and each that the deployment names, can sign: an active version, which the provider has. Never throws. */
  health(options?: { signal?: AbortSignal | undefined }): Promise<HealthResult>
}

interface LoadedVersion {
  readonly row: KeyCatalogueRow
  readonly key: KeyObject
}

/**
 * Signs with the active version of a key and verifies with any, over the key catalogue.
 *
 * Another instance's rotation or revocation is seen after at most `maxAge`; one's own at once. When the catalogue cannot be read
 * and what is cached is too old, the call fails: a state that may have changed is not trusted.
 *
 * @throws {MmfError} `config_invalid` for key names that are no lower-case words, or appear twice
 */
export function createKeyService(options: KeyServiceOptions): KeyService {
  const { provider, clock, definitions, maxAge = 60_000, negativeMaxAge = 1000, maxEntries = 1000 } = options
  checkDefinitions(definitions)
  const catalogue = createKeyCatalogue(options.database)
  const ages = { clock, maxAge, negativeMaxAge, maxEntries }
  const pinned = new Map<string, LoadedVersion>()

  const active = createReadCache({ ...ages, load: (keyId, signal) => catalogue.active(keyId, { signal }) })
  const list = createReadCache({ ...ages, load: (_, signal) => catalogue.listAll({ signal }) })
  const versions = createReadCache({
    ...ages,
    async load(id, signal) {
      const [keyId = '', version] = id.split('#')
      const row = await catalogue.get(keyId, Number(version), { signal })
      return row && loaded(id, row)
    },
  })
  /** State may change, the key never: a catalogue that suddenly shows another one has been tampered with. */
  const loaded = (id: string, row: KeyCatalogueRow): LoadedVersion => {
    const known = pinned.get(id)
    const same = known !== undefined && Buffer.compare(known.row.publicKey, row.publicKey) === 0
    const key = same ? known.key : importSpki(row.publicKey)
    if (key === undefined || (known !== undefined && !same))
      throw new MmfError('database_row_invalid', { detail: `the public key of ${id} is damaged or has changed` })
    const [oldest] = pinned.keys()
    if (pinned.size >= maxEntries && !same && oldest !== undefined) pinned.delete(oldest)
    const entry = { row, key }
    pinned.set(id, entry)
    return entry
  }
  const find = async (keyId: string, version: number, signal?: AbortSignal): Promise<LoadedVersion> => {
    const entry = isKeyReference(keyId, version) ? await versions.get(`${keyId}#${version}`, signal) : undefined
    if (entry === undefined) throw new MmfError('key_not_found', { detail: 'this key has no such version' })
    return entry
  }
  const administration = createKeyAdministration({
    ...options,
    catalogue,
    changed(keyId, version) {
      active.forget(keyId)
      list.forget('')
      if (version !== undefined) versions.forget(`${keyId}#${version}`)
    },
  })

  return {
    ...administration,

    async sign(name, algorithm, input, { signal, signatureFormat } = {}) {
      const definition = definitions.find(candidate => candidate.name === name)
      if (definition === undefined) throw new MmfError('access_undeclared', { detail: `no key ${name} is declared` })
      if (!definition.algorithms.includes(algorithm))
        throw new MmfError('algorithm_not_allowed', { members: { allowed: definition.algorithms } })
      checkSignable(algorithm, input)
      checkSignatureFormat(algorithm, signatureFormat)
      const keyId = keyIdOf(name, signingAlgorithm(algorithm).keySpec)
      const row = await active.get(keyId, signal)
      if (row === undefined) throw new MmfError('key_service_refused', { detail: `${keyId} has no active version` })
      const { providerRef, publicKey, version } = row
      try {
        const request = { providerRef, publicKey, algorithm, ...input, ...(signal && { signal }) }
        const signature = inFormat(algorithm, await provider.sign(request), signatureFormat ?? 'der')
        return { signature, keyId, keyVersion: version }
      } catch (error) {
        // The version may have been replaced meanwhile: the next call reads again.
        if (isMmfError(error, 'key_service_refused')) active.forget(keyId)
        throw error
      }
    },

    async verify({ keyId, keyVersion }, algorithm, input, signature, { signal, signatureFormat } = {}) {
      checkSignable(algorithm, input)
      checkSignatureFormat(algorithm, signatureFormat)
      const { row, key } = await find(keyId, keyVersion, signal)
      if (row.state === 'revoked') return { valid: false, reason: 'key_revoked' }
      if (row.keySpec !== signingAlgorithm(algorithm).keySpec) return { valid: false, reason: 'key_mismatch' }
      const der = derOf(algorithm, signature, signatureFormat ?? 'der')
      if (der === undefined) return { valid: false, reason: 'signature_malformed' }
      return verifySignature(algorithm, key, input, der)
    },

    version: async (keyId, version, { signal } = {}) => keyVersion((await find(keyId, version, signal)).row),

    versions: async ({ signal } = {}) => ((await list.get('', signal)) ?? []).map(keyVersion),

    async health({ signal } = {}) {
      try {
        const rows = (await list.get('', signal)) ?? []
        const { providerRefs } = options
        const { missing, refs } = expectedKeys({ rows, ensured: administration.ensured(), providerRefs })
        if (missing !== undefined) return { status: 'unhealthy', reason: `${missing} has no active version` }
        return await provider.health(refs, { signal })
      } catch (error) {
        return { status: 'unhealthy', reason: isMmfError(error) ? error.message : 'the key catalogue cannot be read' }
      }
    },
  }
}

/** What may be shown: not where the private key is. */
function keyVersion(row: KeyCatalogueRow): KeyVersion {
  const { keyId, version, state, keySpec, publicKey, createdAt } = row
  return { keyId, version, state, keySpec, publicKey: Uint8Array.from(publicKey), createdAt }
}

function checkDefinitions(definitions: readonly KeyDefinition[]): void {
  const names = definitions.map(definition => definition.name)
  const bad = names.find((name, position) => !/^[a-z][a-z0-9_]{0,63}$/.test(name) || names.indexOf(name) !== position)
  if (bad !== undefined)
    throw new MmfError('config_invalid', { detail: `the key name ${bad} is not a lower-case word, or appears twice` })
}
