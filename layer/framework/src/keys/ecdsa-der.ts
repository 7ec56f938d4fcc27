/** The two numbers of an ECDSA signature, as unsigned big-endian bytes without leading zeros. */
export interface EcdsaNumbers {
  readonly r: Uint8Array
  readonly s: Uint8Array
}

/**
 * Reads `Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 §2.2.3) in strict DER: definite and minimal lengths,
 * minimal and non-negative numbers, nothing behind it. Undefined for anything else.
 */
export function parseEcdsaSignature(der: Uint8Array): EcdsaNumbers | undefined {
  let start = 2
  let length = der[1]
  if (der[0] !== 0x30 || length === undefined) return undefined
  // Two P-521 numbers need 138 bytes at most, so the one-byte long form is the only other one.
  if (length === 0x81) {
    length = der[2]
    start = 3
    if (length === undefined || length < 0x80) return undefined
  } else if (length >= 0x80) return undefined
  if (start + length !== der.length) return undefined
  const r = readNumber(der, start)
  const s = r && readNumber(der, r.end)
  if (r === undefined || s === undefined || s.end !== der.length) return undefined
  return { r: r.value, s: s.value }
}

/** Writes the strict DER of two numbers of equal length, as in the fixed-width form of IEEE P1363. */
export function encodeEcdsaSignature(fixed: Uint8Array): Uint8Array {
  const half = fixed.length / 2
  const body = Buffer.concat([writeNumber(fixed.subarray(0, half)), writeNumber(fixed.subarray(half))])
  const header = body.length < 0x80 ? [0x30, body.length] : [0x30, 0x81, body.length]
  return Uint8Array.from([...header, ...body])
}

/** The fixed-width form (IEEE P1363, JWS of RFC 7518 §3.4), or undefined when a number is too large for the width. */
export function fixedEcdsaSignature(numbers: EcdsaNumbers, coordinateBytes: number): Uint8Array | undefined {
  const { r, s } = numbers
  if (r.length > coordinateBytes || s.length > coordinateBytes) return undefined
  const fixed = new Uint8Array(2 * coordinateBytes)
  fixed.set(r, coordinateBytes - r.length)
  fixed.set(s, 2 * coordinateBytes - s.length)
  return fixed
}

function readNumber(der: Uint8Array, offset: number): { value: Uint8Array; end: number } | undefined {
  const length = der[offset + 1]
  const first = der[offset + 2]
  if (der[offset] !== 0x02 || length === undefined || length === 0 || length >= 0x80 || first === undefined)
    return undefined
  const end = offset + 2 + length
  if (end > der.length || first >= 0x80) return undefined
  if (first === 0 && length > 1 && (der[offset + 3] ?? 0) < 0x80) return undefined
  return { value: der.subarray(first === 0 ? offset + 3 : offset + 2, end), end }
}

function writeNumber(number: Uint8Array): Uint8Array {
  const first = number.findIndex(byte => byte !== 0)
  const digits = first < 0 ? Uint8Array.of(0) : number.subarray(first)
  const value = (digits[0] ?? 0) >= 0x80 ? Uint8Array.from([0, ...digits]) : digits
  return Uint8Array.from([0x02, value.length, ...value])
}
