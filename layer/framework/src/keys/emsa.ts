import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Hash } from './signing-algorithms.ts'

/** DER of DigestInfo up to the digest: SEQUENCE { SEQUENCE { oid, NULL }, OCTET STRING } (RFC 8017 §9.2, note 1). */
const digestInfoPrefixes = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
} as const satisfies Record<Hash, string>

export function hasDigestInfo(hash: string): hash is Hash {
  return Object.hasOwn(digestInfoPrefixes, hash)
}

/**
 * EMSA-PKCS1-v1_5 of a ready digest (RFC 8017 §9.2): `00 01 FF … FF 00 DigestInfo`, `length` bytes.
 * Undefined when `length` leaves no room for eight bytes of padding.
 */
export function encodePkcs1(hash: Hash, digest: Uint8Array, length: number): Uint8Array | undefined {
  const prefix = Buffer.from(digestInfoPrefixes[hash], 'hex')
  const tail = prefix.length + digest.length
  if (length < tail + 11) return undefined
  const encoded = Buffer.alloc(length, 0xff)
  encoded[0] = 0x00
  encoded[1] = 0x01
  encoded[length - tail - 1] = 0x00
  encoded.set(prefix, length - tail)
  encoded.set(digest, length - digest.length)
  return encoded
}

/** The parameters of EMSA-PSS. Hash names are those of node:crypto. */
export interface PssParameters {
  readonly hash: string
  readonly mgfHash: string
  readonly saltBytes: number
}

/**
 * EMSA-PSS of a ready digest with a random salt (RFC 8017 §9.1.1), for a modulus of `modulusBits`.
 * Undefined when the modulus is too small for digest and salt.
 */
export function encodePss(parameters: PssParameters, digest: Uint8Array, modulusBits: number): Uint8Array | undefined {
  const bits = modulusBits - 1
  const length = Math.ceil(bits / 8)
  const { saltBytes } = parameters
  if (length < digest.length + saltBytes + 2) return undefined
  const salt = randomBytes(saltBytes)
  const h = pssHash(parameters.hash, digest, salt)
  const block = Buffer.alloc(length - h.length - 1)
  block[block.length - saltBytes - 1] = 0x01
  block.set(salt, block.length - saltBytes)
  const masked = xor(block, mgf1(parameters.mgfHash, h, block.length))
  masked[0] = (masked[0] ?? 0) & topMask(length, bits)
  return Buffer.concat([masked, h, Buffer.of(0xbc)])
}

/**
 * EMSA-PSS-VERIFY for a ready digest (RFC 8017 §9.1.2). Every step must hold, and the salt has exactly `saltBytes`.
 * `encoded` is ceil((modulusBits - 1) / 8) bytes.
 */
export function verifyPss(
  parameters: PssParameters,
  digest: Uint8Array,
  encoded: Uint8Array,
  modulusBits: number,
): boolean {
  const bits = modulusBits - 1
  const { saltBytes } = parameters
  if (encoded.length !== Math.ceil(bits / 8) || encoded.length < digest.length + saltBytes + 2) return false
  if (encoded[encoded.length - 1] !== 0xbc) return false
  const masked = encoded.subarray(0, encoded.length - digest.length - 1)
  const h = encoded.subarray(masked.length, encoded.length - 1)
  const mask = topMask(encoded.length, bits)
  if (((masked[0] ?? 0) & ~mask & 0xff) !== 0) return false
  const block = xor(masked, mgf1(parameters.mgfHash, h, masked.length))
  block[0] = (block[0] ?? 0) & mask
  const separator = block.length - saltBytes - 1
  if (block[separator] !== 0x01 || block.subarray(0, separator).some(byte => byte !== 0)) return false
  return timingSafeEqual(h, pssHash(parameters.hash, digest, block.subarray(separator + 1)))
}

/** H = Hash(00 00 00 00 00 00 00 00 ‖ mHash ‖ salt). */
function pssHash(hash: string, digest: Uint8Array, salt: Uint8Array): Buffer {
  return createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest()
}

/** MGF1 (RFC 8017 B.2.1). */
function mgf1(hash: string, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = []
  for (let counter = 0, done = 0; done < length; counter++) {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(counter)
    const block = createHash(hash).update(seed).update(number).digest()
    blocks.push(block)
    done += block.length
  }
  return Buffer.concat(blocks).subarray(0, length)
}

/** The bits of the leftmost byte that may be set: the encoded message has `bits` bits in `length` bytes. */
function topMask(length: number, bits: number): number {
  return 0xff >> (8 * length - bits)
}

function xor(left: Uint8Array, right: Uint8Array): Buffer {
  return Buffer.from(left.map((byte, position) => byte ^ (right[position] ?? 0)))
}
