import type { PublicKeyInfo } from '../signature/public-key.ts'
import { fromHex, hasBytesAt } from './bytes.ts'

/** What stands before the modulus in a SubjectPublicKeyInfo: rsaEncryption with NULL (RFC 3279 §2.3.1) and the headers, up to the sign octet. */
const heads: ReadonlyMap<number, Uint8Array> = new Map([
  [1024, fromHex('30819f300d06092a864886f70d010101050003818d0030818902818100')],
  [2048, fromHex('30820122300d06092a864886f70d01010105000382010f003082010a0282010100')],
  [3072, fromHex('308201a2300d06092a864886f70d01010105000382018f003082018a0282018100')],
  [4096, fromHex('30820222300d06092a864886f70d01010105000382020f003082020a0282020100')],
])

/** The exponent 65537 as an INTEGER: what stands after the modulus. */
const f4 = fromHex('0203010001')

interface UsualForm {
  readonly bits: number
  readonly head: Uint8Array
}

/** By the length of the whole, which is the same for every key of the size. */
const forms: ReadonlyMap<number, UsualForm> = new Map(
  Array.from(heads, ([bits, head]) => [head.length + bits / 8 + f4.length, { bits, head }]),
)

/**
 * Reads in place the shape that nearly all RSA keys have: rsaEncryption with NULL, an odd modulus of exactly one of the usual sizes, exponent
 * 65537. Undefined for every other; readPublicKey then decides. Three keys a chain are read for their size alone, and this is the cheapest
 * honest way to it.
 */
export function readUsualRsaKey(spki: Uint8Array): PublicKeyInfo | undefined {
  const usual = forms.get(spki.length)
  if (usual === undefined) return undefined
  const { bits, head } = usual
  const end = spki.length - f4.length
  if (!hasBytesAt(spki, 0, head) || !hasBytesAt(spki, end, f4)) return undefined
  // The first bit makes the sign octet due and the size exact; RSA moduli are odd.
  const first = spki[head.length] as number
  const last = spki[end - 1] as number
  if (first < 0x80 || (last & 1) === 0) return undefined
  return { type: 'rsa', bits, exponent: 65_537n, modulus: spki.subarray(head.length, end) }
}
