import { PkiError } from '../errors.ts'
import type { DerElement } from './reader.ts'
import { constructedBit, tags } from './tags.ts'
import { readOctetString } from './values.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const numericPattern = /^[0-9 ]*$/

/** True for the tags of DirectoryString, IA5String and the other restricted character strings read here. */
export function isStringTag(tag: number): boolean {
  return decoders[tag & ~constructedBit] !== undefined
}

/**
 * The text of a restricted character string by its universal tag.
 * @throws der_malformed for octets that the type does not allow, and for other types
 */
export function readString(element: DerElement): string {
  return decodeString(element.tag & ~constructedBit, readOctetString(element))
}

/**
 * Octets of a string type, by universal tag number, to text.
 * @throws der_malformed
 */
function decodeString(tag: number, bytes: Uint8Array): string {
  const decoder = decoders[tag]
  if (decoder === undefined) throw new PkiError('der_malformed', `tag 0x${tag.toString(16)} is no character string`)
  return decoder(bytes)
}

const decoders: Readonly<Record<number, (bytes: Uint8Array) => string>> = {
  [tags.UTF8_STRING]: decodeUtf8,
  [tags.NUMERIC_STRING]: bytes => restricted(bytes, numericPattern, 'NumericString'),
  // Underscore, asterisk, at sign and ampersand are forbidden, yet found in trusted roots; the comparison is by text anyway.
  [tags.PRINTABLE_STRING]: decodeIa5,
  [tags.TELETEX_STRING]: latin1,
  [tags.IA5_STRING]: decodeIa5,
  [tags.VISIBLE_STRING]: decodeIa5,
  [tags.UNIVERSAL_STRING]: bytes => decodeFixed(bytes, 4),
  [tags.BMP_STRING]: bytes => decodeFixed(bytes, 2),
}

/** 7-bit text, as IA5String and the names in GeneralName hold it. @throws der_malformed */
function decodeIa5(bytes: Uint8Array): string {
  return ia5At(bytes, 0, bytes.length)
}

/** The same from the octets where they lie. @throws der_malformed */
export function ia5At(source: Uint8Array, start: number, end: number): string {
  let bits = 0
  for (let index = start; index < end; index++) bits |= source[index] as number
  if (bits > 0x7f) throw new PkiError('der_malformed', 'character above 127')
  return latin1At(source, start, end)
}

function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.length <= longText && isAscii(bytes)) return latin1(bytes)
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new PkiError('der_malformed', 'UTF8String is not valid UTF-8', {}, { cause })
  }
}

function isAscii(bytes: Uint8Array): boolean {
  let bits = 0
  for (let index = 0; index < bytes.length; index++) bits |= bytes[index] as number
  return bits < 0x80
}

function restricted(bytes: Uint8Array, pattern: RegExp, type: string): string {
  const text = latin1(bytes)
  if (!pattern.test(text)) throw new PkiError('der_malformed', `${type} with a character it does not allow`)
  return text
}

// T.61 is not decoded: what certificates put into a TeletexString is Latin-1 (X.509 tools agree on it).
function latin1(bytes: Uint8Array): string {
  return latin1At(bytes, 0, bytes.length)
}

// Beyond this many octets a call into the runtime costs less than putting the text together here.
const longText = 32

function latin1At(source: Uint8Array, start: number, end: number): string {
  if (end - start > longText) {
    return Buffer.from(source.buffer, source.byteOffset + start, end - start).toString('latin1')
  }
  let text = ''
  let at = start
  // By eight: what costs is each string on the way, not the characters.
  for (; at + 8 <= end; at += 8) {
    text += String.fromCharCode(
      source[at] as number,
      source[at + 1] as number,
      source[at + 2] as number,
      source[at + 3] as number,
      source[at + 4] as number,
      source[at + 5] as number,
      source[at + 6] as number,
      source[at + 7] as number,
    )
  }
  for (; at < end; at++) text += String.fromCharCode(source[at] as number)
  return text
}

function decodeFixed(bytes: Uint8Array, width: 2 | 4): string {
  if (bytes.length % width !== 0) throw new PkiError('der_malformed', `string is no multiple of ${width} octets`)
  let text = ''
  for (let index = 0; index < bytes.length; index += width) {
    let code = 0
    for (let octet = 0; octet < width; octet++) code = code * 256 + (bytes[index + octet] as number)
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      throw new PkiError('der_malformed', 'string with a code point that is no character')
    }
    text += String.fromCodePoint(code)
  }
  return text
}
