import { encodeOid } from './oid.ts'

/**
 * A small functional DER writer (X.690 §8–11): each function returns the finished TLV of one value, so a structure is
 * written inside out as nested calls. Lengths are definite and minimal by construction.
 *
 * Wrong arguments are programming errors and throw `TypeError` or `RangeError`; nothing here reads untrusted input.
 */

/** Tag classes of the identifier octet (X.690 §8.1.2.2). */
const contextTag = 0x80
const constructedBit = 0x20

const emptyBytes = new Uint8Array(0)

/** Joins byte strings. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const part of parts) size += part.length
  const out = new Uint8Array(size)
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/** The length octets, minimal (X.690 §10.1). Limit: 2^32 - 1. */
function lengthOctets(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  if (length > 0xffffffff) throw new RangeError('DER value of more than 4 GiB')
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Uint8Array.of(0x80 | octets.length, ...octets)
}

/** The identifier octets for a tag number of a class byte (class bits and the constructed bit). High tag numbers are written too. */
function identifierOctets(classBits: number, tagNumber: number): Uint8Array {
  if (!Number.isSafeInteger(tagNumber) || tagNumber < 0) throw new RangeError(`invalid tag number ${tagNumber}`)
  if (tagNumber < 31) return Uint8Array.of(classBits | tagNumber)
  return Uint8Array.of(classBits | 31, ...base128(tagNumber))
}

function base128(value: number): number[] {
  const octets = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) octets.unshift((rest % 128) | 0x80)
  return octets
}

/** One TLV from a complete identifier octet (0x30 for a SEQUENCE) and its content. */
export function tlv(identifier: number, content: Uint8Array): Uint8Array {
  if (!Number.isInteger(identifier) || identifier < 0 || identifier > 0xff || (identifier & 0x1f) === 0x1f) {
    throw new RangeError('identifier must be one low-tag-number octet')
  }
  return concatBytes([Uint8Array.of(identifier), lengthOctets(content.length), content])
}

/** Bytes that are already DER, as they are; for readers of a nested expression. */
export function raw(der: Uint8Array): Uint8Array {
  return der
}

/** SEQUENCE or SEQUENCE OF, in the order given. */
export function sequence(...elements: readonly Uint8Array[]): Uint8Array {
  return tlv(0x30, concatBytes(elements))
}

/** SET OF: elements sorted by their encodings (X.690 §11.6). Also right for a SET whose members' tags differ (§10.3 sorts by tag, which is the first octet). */
export function set(...elements: readonly Uint8Array[]): Uint8Array {
  return tlv(0x31, concatBytes([...elements].sort(compareBytes)))
}

/** Order by unsigned octets; a prefix sorts first (X.690 §11.6 pads the shorter with zeros, which differs from this for no two DER values). */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let index = 0; index < shared; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** BOOLEAN: true is 0xff (X.690 §11.1). Remember that DER leaves out a value that equals its DEFAULT. */
export function boolean(value: boolean): Uint8Array {
  return Uint8Array.of(0x01, 0x01, value ? 0xff : 0x00)
}

/** NULL. */
export function nullValue(): Uint8Array {
  return Uint8Array.of(0x05, 0x00)
}

/** INTEGER. Bytes are taken as an unsigned big-endian magnitude; numbers and bigints may be negative. Always minimal (X.690 §8.3.2). */
export function integer(value: number | bigint | Uint8Array): Uint8Array {
  return tlv(0x02, value instanceof Uint8Array ? unsignedContent(value) : signedContent(BigInt(value)))
}

/** ENUMERATED. */
export function enumerated(value: number): Uint8Array {
  return tlv(0x0a, signedContent(BigInt(value)))
}

function unsignedContent(magnitude: Uint8Array): Uint8Array {
  let start = 0
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++
  const digits = magnitude.subarray(start)
  const first = digits[0]
  if (first === undefined) return Uint8Array.of(0)
  return first >= 0x80 ? concatBytes([Uint8Array.of(0), digits]) : digits
}

function signedContent(value: bigint): Uint8Array {
  let size = 1
  while (BigInt.asIntN(size * 8, value) !== value) size++
  const out = new Uint8Array(size)
  let rest = BigInt.asUintN(size * 8, value)
  for (let index = size - 1; index >= 0; index--) {
    out[index] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return out
}

/**
 * OBJECT IDENTIFIER from dotted decimal (X.690 §8.19).
 * @throws der_encoding for text that is no OID
 */
export function oid(dotted: string): Uint8Array {
  return tlv(0x06, encodeOid(dotted))
}

/** OCTET STRING. */
export function octetString(content: Uint8Array): Uint8Array {
  return tlv(0x04, content)
}

/** BIT STRING of whole octets, or with the last `unusedBits` bits (0–7, which must be zero: X.690 §11.2.1) unused. */
export function bitString(content: Uint8Array, unusedBits = 0): Uint8Array {
  const last = content.at(-1) ?? 0
  if (!Number.isInteger(unusedBits) || unusedBits < 0 || unusedBits > 7 || (content.length === 0 && unusedBits > 0)) {
    throw new RangeError(`unused bits: ${unusedBits}`)
  }
  if ((last & ((1 << unusedBits) - 1)) !== 0) throw new RangeError('unused bits must be zero')
  return tlv(0x03, concatBytes([Uint8Array.of(unusedBits), content]))
}

/** A named-bit list such as KeyUsage from its bit numbers; trailing zero bits are dropped (X.690 §11.2.2). */
export function namedBits(...bits: readonly number[]): Uint8Array {
  if (bits.length === 0) return bitString(emptyBytes)
  const highest = Math.max(...bits)
  const content = new Uint8Array((highest >> 3) + 1)
  for (const bit of bits) content[bit >> 3] = (content[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return bitString(content, 7 - (highest & 7))
}

/** UTF8String. */
export function utf8String(text: string): Uint8Array {
  return tlv(0x0c, new TextEncoder().encode(text))
}

/** PrintableString; refuses a character outside its alphabet (X.680 §41.4). */
export function printableString(text: string): Uint8Array {
  if (!/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text)) throw new TypeError(`not a PrintableString: ${text}`)
  return tlv(0x13, latin1(text))
}

/** IA5String; refuses anything but ASCII. */
export function ia5String(text: string): Uint8Array {
  return tlv(0x16, ascii(text))
}

function ascii(text: string): Uint8Array {
  for (const character of text) {
    if (character.charCodeAt(0) > 0x7f) throw new TypeError('not ASCII')
  }
  return latin1(text)
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0))
}

/** UTCTime to the second with Z (RFC 5280 §4.1.2.5.1). Years 1950–2049 only. */
export function utcTime(at: Date): Uint8Array {
  const year = at.getUTCFullYear()
  if (!(year >= 1950 && year <= 2049)) throw new RangeError(`year ${year} is outside UTCTime`)
  return tlv(0x17, latin1(`${timeDigits(at).slice(2)}Z`))
}

/** GeneralizedTime to the second with Z (RFC 5280 §4.1.2.5.2). */
export function generalizedTime(at: Date): Uint8Array {
  return tlv(0x18, latin1(`${timeDigits(at)}Z`))
}

/** Time by the rule of RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 (and before 1950). */
export function time(at: Date): Uint8Array {
  const year = at.getUTCFullYear()
  return year >= 1950 && year <= 2049 ? utcTime(at) : generalizedTime(at)
}

function timeDigits(at: Date): string {
  if (Number.isNaN(at.getTime())) throw new RangeError('invalid date')
  const year = at.getUTCFullYear()
  if (year < 0 || year > 9999) throw new RangeError(`year ${year} is outside GeneralizedTime`)
  const two = (value: number) => String(value).padStart(2, '0')
  const date = `${String(year).padStart(4, '0')}${two(at.getUTCMonth() + 1)}${two(at.getUTCDate())}`
  return `${date}${two(at.getUTCHours())}${two(at.getUTCMinutes())}${two(at.getUTCSeconds())}`
}

/** [n] EXPLICIT: the complete TLVs wrapped in a constructed context tag. */
export function explicit(tagNumber: number, ...elements: readonly Uint8Array[]): Uint8Array {
  return wrapped(contextTag | constructedBit, tagNumber, concatBytes(elements))
}

/** [n] IMPLICIT over one low-tag TLV: its tag is replaced, its constructed bit kept (X.690 §8.14.3). Not for a CHOICE, which is always explicit. */
export function implicit(tagNumber: number, element: Uint8Array): Uint8Array {
  const [identifier = 0, firstLength = 0] = element
  const header = firstLength < 0x80 ? 2 : 2 + (firstLength & 0x7f)
  return wrapped(contextTag | (identifier & constructedBit), tagNumber, element.subarray(header))
}

/** A constructed APPLICATION tag, such as EF.SOD's 23 (Doc 9303-10 §4.6.2, Table 36). */
export function application(tagNumber: number, ...elements: readonly Uint8Array[]): Uint8Array {
  return wrapped(0x40 | constructedBit, tagNumber, concatBytes(elements))
}

/** A primitive context tag over raw content octets, such as a GeneralName's dNSName. */
export function contextPrimitive(tagNumber: number, content: Uint8Array): Uint8Array {
  return wrapped(contextTag, tagNumber, content)
}

function wrapped(classBits: number, tagNumber: number, content: Uint8Array): Uint8Array {
  return concatBytes([identifierOctets(classBits, tagNumber), lengthOctets(content.length), content])
}
