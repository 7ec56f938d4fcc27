import { createPublicKey, getCurves, type KeyObject } from 'node:crypto'
import { bitString, integer, nullValue, oid, sequence } from '../der/writer.ts'
import { PkiError } from '../errors.ts'
import { bytesEqual } from '../x509/bytes.ts'
import { type PublicKeyInfo, readPublicKey } from './public-key.ts'
import type { KeyCache } from './types.ts'

/** A public key ready for the runtime, with what its SubjectPublicKeyInfo says. */
export interface ImportedKey {
  readonly info: PublicKeyInfo
  readonly key: KeyObject
}

/**
 * A bounded cache of imported public keys. Hand one in where several signatures of the same keys are checked; it holds no
 * trust, only parsed keys, so it may be shared by a whole process.
 *
 * @param maxEntries greatest number of keys, default 1,024 (about 2 KB each); the least recently used leaves first
 * @throws argument_invalid
 */
export function createKeyCache(maxEntries = 1024): KeyCache {
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1) {
    throw new PkiError('argument_invalid', `maxEntries must be a positive integer, not ${maxEntries}`)
  }
  return { entries: new Map(), maxEntries }
}

/** What the cache holds: the key, and the whole SubjectPublicKeyInfo it was imported from. */
interface CachedKey {
  readonly spki: Uint8Array
  readonly imported: ImportedKey
}

/**
 * The public key of a SubjectPublicKeyInfo, from the cache where it is there. Failures are not cached.
 *
 * @throws key_malformed; algorithm_unavailable where the runtime or this package lacks key type, curve or hash
 */
export function importPublicKey(spki: Uint8Array, cache?: KeyCache): ImportedKey {
  if (cache === undefined) return importUncached(spki)
  const { entries, maxEntries } = cache
  const id = excerpt(spki)
  const known = entries.get(id) as CachedKey | undefined
  const hit = known !== undefined && bytesEqual(known.spki, spki)
  // Order matters only when something has to leave: a Map keeps the order of insertion, so its first key is the oldest.
  if (hit && entries.size <= maxEntries / 2) return known.imported
  const entry: CachedKey = hit ? known : { spki: spki.slice(), imported: importUncached(spki) }
  entries.delete(id)
  entries.set(id, entry)
  if (entries.size > maxEntries) {
    for (const oldest of entries.keys()) {
      entries.delete(oldest)
      break
    }
  }
  return entry.imported
}

/** What is known of a key that was imported before; undefined for any other. Its place in the cache stays as it is. */
export function knownKeyInfo(spki: Uint8Array, { entries }: KeyCache): PublicKeyInfo | undefined {
  const known = entries.get(excerpt(spki)) as CachedKey | undefined
  return known !== undefined && bytesEqual(known.spki, spki) ? known.imported.info : undefined
}

/**
 * A short map key from the end of the key itself, where the bits of a modulus or point are. Two keys may share it, by intent at most: then
 * they take each other's place, and the comparison of the whole keeps them apart.
 */
function excerpt(spki: Uint8Array): string {
  const end = spki.length
  return Buffer.from(spki.buffer, spki.byteOffset, end).toString('latin1', Math.max(0, end - 40), end)
}

function importUncached(spki: Uint8Array): ImportedKey {
  const info = readPublicKey(spki)
  if (info.type === 'unknown') throw new PkiError('algorithm_unavailable', `key type ${info.oid}`, { oid: info.oid })
  if (info.type === 'dsa' && info.inherits) throw new PkiError('key_malformed', 'DSA parameters are missing')
  if (info.type === 'ec' && !getCurves().includes(info.curve.runtimeName)) {
    throw new PkiError('algorithm_unavailable', `curve ${info.curve.name}`)
  }
  return { info, key: importSpki(normalisedSpki(info, spki), info) }
}

function importSpki(spki: Uint8Array, info: PublicKeyInfo): KeyObject {
  const key = createKey(spki, info)
  // Node 22 parses ML-DSA and SLH-DSA keys where its OpenSSL knows them, but has no name for them and cannot use them.
  if (key.asymmetricKeyType === undefined) {
    throw new PkiError('algorithm_unavailable', `key type ${info.type === 'pure' ? info.keyType : info.type}`)
  }
  return key
}

function createKey(spki: Uint8Array, info: PublicKeyInfo): KeyObject {
  try {
    // As text: from an options object the runtime takes three times as long, as it first tries to find a key object in it.
    return createPublicKey(`-----BEGIN PUBLIC KEY-----\n${toBase64(spki)}\n-----END PUBLIC KEY-----\n`)
  } catch (cause) {
    // Its size and coordinates have been found right: what is missing is the implementation.
    if (info.type === 'pure') {
      throw new PkiError('algorithm_unavailable', `key type ${info.keyType}`, {}, { cause })
    }
    throw new PkiError('key_malformed', `${info.type} key refused by the runtime`, {}, { cause })
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/**
 * Explicit curve parameters are replaced by the name of the curve they were found equal to, so the runtime computes with its
 * own constants; a PSS key becomes a plain RSA key, since its restrictions are checked here.
 */
function normalisedSpki(info: PublicKeyInfo, spki: Uint8Array): Uint8Array {
  if (info.type === 'ec' && info.explicit) {
    return sequence(sequence(oid('1.2.840.10045.2.1'), oid(info.curve.oid)), bitString(info.point))
  }
  if (info.type === 'rsa-pss') {
    const key = sequence(integer(info.modulus), integer(info.exponent))
    return sequence(sequence(oid('1.2.840.113549.1.1.1'), nullValue()), bitString(key))
  }
  return spki
}
