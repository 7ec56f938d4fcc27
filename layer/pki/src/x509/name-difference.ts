import type { DerElement } from '../der/reader.ts'
import { tags } from '../der/tags.ts'

/**
 * True where two encoded names are shown to differ by a look at their octets: same shape, and one value of printable ASCII words that is not the
 * other's in whatever case. False decides nothing; string preparation then does. It spares nearly every comparison of unequal names.
 */
export function differInPlainText(a: DerElement, b: DerElement): boolean {
  let at = a.contentStart
  let other = b.contentStart
  while (at < a.contentEnd && other < b.contentEnd) {
    const value = plainValue(a.source, at, a.contentEnd)
    const otherValue = plainValue(b.source, other, b.contentEnd)
    // Different types of attribute at the same place, or a form that is not looked at here.
    if (value < 0 || otherValue < 0 || value - at !== otherValue - other) return false
    for (let index = 4; index < value - at - 2; index++) {
      if (a.source[at + index] !== b.source[other + index]) return false
    }
    const length = a.source[value - 1] as number
    const otherLength = b.source[otherValue - 1] as number
    if (!isPlain(a.source, value, length) || !isPlain(b.source, otherValue, otherLength)) return false
    if (length !== otherLength || !sameLetters(a.source, value, b.source, otherValue, length)) return true
    at = value + length
    other = otherValue + otherLength
  }
  return false
}

/** True where the octets show a name that can be decoded: attributes of printable ASCII, one in each RDN. False decides nothing. */
export function isPlainName({ source, contentStart, contentEnd }: DerElement): boolean {
  let rdns = 0
  for (let at = contentStart; at < contentEnd; rdns++) {
    const value = plainValue(source, at, contentEnd)
    if (value < 0 || rdns === maxPlainRdns || !isPlainOid(source, at + 6, source[at + 5] as number)) return false
    const end = value + (source[value - 1] as number)
    for (let index = value; index < end; index++) {
      const octet = source[index] as number
      if (octet < 0x20 || octet > 0x7e) return false
    }
    at = end
  }
  return true
}

const maxPlainRdns = 32

/** Whole subidentifiers in their shortest form (X.690 §8.19.2), each small enough to be an attribute's type in use. */
function isPlainOid(source: Uint8Array, start: number, length: number): boolean {
  // id-at (2.5.4) and one more octet, as nearly all are.
  if (length === 3 && source[start] === 0x55 && source[start + 1] === 4) return (source[start + 2] as number) < 0x80
  let size = 0
  for (let index = start; index < start + length; index++) {
    const octet = source[index] as number
    if (size === 0 && octet === 0x80) return false
    size = octet & 0x80 ? size + 1 : 0
    if (size > 3) return false
  }
  return length > 0 && size === 0
}

/**
 * Start of the value of an RDN with one attribute, all lengths in one octet: SET, SEQUENCE, OBJECT IDENTIFIER, string. -1 for any other.
 */
export function plainValue(source: Uint8Array, at: number, end: number): number {
  const setLength = source[at + 1] as number
  const oidLength = source[at + 5] as number
  const stringAt = at + 6 + oidLength
  if (source[at] !== tags.SET || setLength >= 0x80 || at + 2 + setLength > end) return -1
  if (source[at + 2] !== tags.SEQUENCE || source[at + 3] !== setLength - 2) return -1
  if (source[at + 4] !== tags.OID || oidLength > 16 || stringAt + 2 > end) return -1
  const tag = source[stringAt]
  if (tag !== tags.UTF8_STRING && tag !== tags.PRINTABLE_STRING && tag !== tags.IA5_STRING) return -1
  return source[stringAt + 1] === setLength - 6 - oidLength ? stringAt + 2 : -1
}

/** Words of printable ASCII, one space between them: what string preparation leaves alone but for the case. */
function isPlain(source: Uint8Array, start: number, length: number): boolean {
  let space = true
  for (let index = start; index < start + length; index++) {
    const octet = source[index] as number
    if (octet < 0x20 || octet > 0x7e || (octet === 0x20 && space)) return false
    space = octet === 0x20
  }
  return !space
}

function sameLetters(a: Uint8Array, at: number, b: Uint8Array, other: number, length: number): boolean {
  for (let index = 0; index < length; index++) {
    if (lowerCase(a[at + index] as number) !== lowerCase(b[other + index] as number)) return false
  }
  return true
}

function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet
}
