import { constants, createHash, type KeyObject, publicDecrypt } from 'node:crypto'
import { concatBytes, nullValue, octetString, oid, sequence } from '../der/writer.ts'
import { type HashName, hashByName } from './hash-algorithms.ts'

/**
 * EMSA-PKCS1-v1_5 (RFC 8017 §9.2): the whole encoded message for a digest, `null` when the key is too short for it.
 *
 * @param length the modulus length in bytes
 * @param withNull whether DigestInfo's algorithm carries NULL parameters; the standard form does
 */
export function encodePkcs1Digest(
  hash: HashName,
  digest: Uint8Array,
  length: number,
  withNull = true,
): Uint8Array | null {
  const algorithm = withNull ? sequence(oid(hashByName(hash).oid), nullValue()) : sequence(oid(hashByName(hash).oid))
  const digestInfo = sequence(algorithm, octetString(digest))
  const padding = length - digestInfo.length - 3
  if (padding < 8) return null
  return concatBytes([Uint8Array.of(0, 1), new Uint8Array(padding).fill(0xff), Uint8Array.of(0), digestInfo])
}

/**
 * Whether an RSA PKCS#1 v1.5 signature is right but for the NULL that its DigestInfo leaves out, which is how ICAO's own master
 * list is signed. RFC 8017 §8.2.2's way: the encoded message is built and compared as a whole, nothing is parsed, so no
 * padding oracle or trailing garbage (Bleichenbacher 2006) can pass. To be asked only where a profile allows it by name.
 */
export function verifyPkcs1WithoutNull(
  hash: HashName,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const modulusBits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || signature.length !== Math.ceil(modulusBits / 8)) return false
  const expected = encodePkcs1Digest(hash, createHash(hash).update(data).digest(), signature.length, false)
  if (expected === null) return false
  try {
    const found = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature)
    return found.equals(expected)
  } catch {
    // RFC 8017 §5.2.2 step 1: a signature representative that is not below the modulus; no valid signature.
    return false
  }
}
