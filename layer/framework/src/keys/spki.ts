import { createPublicKey, type KeyObject } from 'node:crypto'
import { keySpecs } from './key-specs.ts'
import type { KeySpec } from './signing-algorithms.ts'

/**
 * The key in a DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), or undefined when the bytes are not exactly one that this runtime
 * can read. node:crypto overlooks trailing bytes, odd algorithm parameters and hybrid points (which RFC 5480 §2.2 forbids);
 * here each key has one encoding.
 */
export function importSpki(der: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
    if (key.asymmetricKeyType === 'ec' && (publicKeyBits(der)?.[0] ?? 0xff) > 0x04) return undefined
    return Buffer.compare(exportSpki(key), der) === 0 ? key : undefined
  } catch {
    return undefined
  }
}

/** The DER SubjectPublicKeyInfo of a public key. */
export function exportSpki(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ type: 'spki', format: 'der' }))
}

/** The content of `subjectPublicKey`: PKCS#1 RSAPublicKey, the EC point, or the raw ML-DSA key (RFC 9881 §4). */
export function publicKeyBits(spki: Uint8Array): Uint8Array | undefined {
  const outer = readElement(spki, 0, 0x30)
  const algorithm = outer && readElement(spki, outer.start, 0x30)
  const bits = algorithm && readElement(spki, algorithm.end, 0x03)
  if (bits === undefined || bits.end !== spki.length || spki[bits.start] !== 0) return undefined
  return spki.subarray(bits.start + 1, bits.end)
}

/** Whether a public key is of this key spec: type and modulus size or curve. */
export function isOfKeySpec(key: KeyObject, keySpec: KeySpec): boolean {
  const row = keySpecs[keySpec]
  if (key.asymmetricKeyType !== row.type) return false
  if (row.type === 'rsa') return key.asymmetricKeyDetails?.modulusLength === row.modulusBits
  if (row.type === 'ec') return key.asymmetricKeyDetails?.namedCurve === row.curve
  return true
}

/** One DER element with this tag and a definite, minimal length (X.690 §10.1), at most 64 KB, within the bytes. */
function readElement(bytes: Uint8Array, offset: number, tag: number): { start: number; end: number } | undefined {
  const first = bytes[offset + 1]
  if (bytes[offset] !== tag || first === undefined) return undefined
  const more = first < 0x80 ? 0 : first - 0x80
  if (more > 2 || first === 0x80) return undefined
  let length = first < 0x80 ? first : 0
  for (let index = 0; index < more; index++) length = length * 256 + (bytes[offset + 2 + index] ?? 0)
  if ((more === 1 && length < 0x80) || (more === 2 && length < 0x100)) return undefined
  const start = offset + 2 + more
  return start + length <= bytes.length ? { start, end: start + length } : undefined
}
