import { PkiError } from '../errors.ts'
import type { DerElement } from './reader.ts'
import { constructedBit, tags } from './tags.ts'

function malformed(reason: string, element: DerElement): PkiError {
  return new PkiError('der_malformed', `${reason} at offset ${element.start}`, { offset: element.start })
}

/** BOOLEAN (X.690 §11.1). @throws der_malformed */
export function readBoolean(element: DerElement): boolean {
  const octet = element.source[element.contentStart]
  if (element.length !== 1) throw malformed('BOOLEAN of other than one octet', element)
  if (octet === 0xff) return true
  if (octet === 0) return false
  if (element.rules.ber) return true
  throw malformed('BOOLEAN that is neither 00 nor FF', element)
}

/** The two's complement octets of an INTEGER or ENUMERATED, minimal (X.690 §8.3.2). @throws der_malformed */
export function readIntegerBytes(element: DerElement): Uint8Array {
  return integerOctets(element.source, element.contentStart, element.contentEnd)
}

/** The same from the content octets. @throws der_malformed */
export function integerOctets(source: Uint8Array, start: number, end: number): Uint8Array {
  if (start === end) throw new PkiError('der_malformed', `empty INTEGER at offset ${start}`, { offset: start })
  if (end - start > 1) {
    const first = source[start] as number
    const sign = (source[start + 1] as number) & 0x80
    if ((first === 0 && sign === 0) || (first === 0xff && sign !== 0)) {
      throw new PkiError('der_malformed', `INTEGER not minimal at offset ${start}`, { offset: start })
    }
  }
  return source.subarray(start, end)
}

/** INTEGER of any size. @throws der_malformed */
export function readInteger(element: DerElement): bigint {
  const bytes = readIntegerBytes(element)
  let value = 0n
  for (let index = 0; index < bytes.length; index += 6) {
    const chunk = bytes.subarray(index, index + 6)
    let part = 0
    for (const octet of chunk) part = part * 256 + octet
    value = (value << BigInt(chunk.length * 8)) | BigInt(part)
  }
  return (bytes[0] as number) & 0x80 ? value - (1n << BigInt(bytes.length * 8)) : value
}

/** INTEGER or ENUMERATED in the range of 32 signed bits. @throws der_malformed */
export function readSmallInteger(element: DerElement): number {
  const bytes = readIntegerBytes(element)
  if (bytes.length > 4) throw malformed('INTEGER too large', element)
  let value = (bytes[0] as number) & 0x80 ? -1 : 0
  for (const octet of bytes) value = (value << 8) | octet
  return value
}

/**
 * Content of an OCTET STRING or of a string encoded like one. Under BER the segments of a constructed one are joined, each of which is an
 * OCTET STRING whatever the type of the whole (X.690 §8.7.3.2, §8.23.3). @throws der_malformed
 */
export function readOctetString(element: DerElement): Uint8Array {
  if ((element.tag & constructedBit) === 0) return element.content
  // X.690 §10.2
  if (!element.rules.ber) throw malformed('constructed string', element)
  const segments: Uint8Array[] = []
  let total = 0
  const reader = element.children()
  while (!reader.done) {
    const part = readOctetString(reader.next(tags.OCTET_STRING))
    segments.push(part)
    total += part.length
  }
  const joined = new Uint8Array(total)
  let offset = 0
  for (const part of segments) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** BIT STRING: octets and the number of unused bits in the last one, which DER wants zero (X.690 §11.2.1). */
export interface BitString {
  readonly bytes: Uint8Array
  readonly unusedBits: number
}

/** @throws der_malformed */
export function readBitString(element: DerElement): BitString {
  const unusedBits = readUnusedBits(element)
  return { bytes: element.source.subarray(element.contentStart + 1, element.contentEnd), unusedBits }
}

/** How many bits of the last octet are unused; the element is a right BIT STRING then. @throws der_malformed */
function readUnusedBits(element: DerElement): number {
  const { source, contentStart, contentEnd, length } = element
  if (element.constructed) throw malformed('constructed BIT STRING', element)
  if (length === 0) throw malformed('empty BIT STRING', element)
  const unusedBits = source[contentStart] as number
  if (unusedBits > 7 || (length === 1 && unusedBits !== 0)) throw malformed('BIT STRING with bad unused bits', element)
  if (!element.rules.ber && unusedBits !== 0 && ((source[contentEnd - 1] as number) & ((1 << unusedBits) - 1)) !== 0) {
    throw malformed('BIT STRING with unused bits set', element)
  }
  return unusedBits
}

/**
 * A BIT STRING with named bits as a number whose bit n is named bit n; X.680 §22.7 wants trailing zero bits removed.
 * @throws der_malformed, also for more than 16 bits
 */
export function readNamedBits(element: DerElement): number {
  const unusedBits = readUnusedBits(element)
  const { source, contentStart } = element
  const octets = element.length - 1
  if (octets > 2) throw malformed('too many named bits', element)
  const last = source[contentStart + octets] as number
  if (!element.rules.ber && octets > 0 && (last & (1 << unusedBits)) === 0) {
    throw malformed('named bits with trailing zeros', element)
  }
  let value = 0
  for (let bit = 0; bit < octets * 8; bit++) {
    if ((source[contentStart + 1 + (bit >> 3)] as number) & (0x80 >> (bit & 7))) value |= 1 << bit
  }
  return value
}

/** NULL. @throws der_malformed */
export function readNull(element: DerElement): null {
  if (element.length !== 0) throw malformed('NULL with content', element)
  return null
}
