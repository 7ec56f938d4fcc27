import { PkiError } from '../errors.ts'
import type { DerElement } from './reader.ts'
import { TAG } from './tags.ts'

/**
 * A Time of RFC 5280 §4.1.2.5 as milliseconds since 1970 UTC: UTCTime `YYMMDDHHMMSSZ` (years 1950 to 2049) or
 * GeneralizedTime `YYYYMMDDHHMMSSZ`. Offsets, fractions and missing seconds are refused.
 * @throws der_malformed
 */
export function readTime(element: DerElement): number {
  return readTimeAt(element.source, element.tag, element.contentStart, element.contentEnd)
}

/** The same from the tag and the content octets. @throws der_malformed */
export function readTimeAt(source: Uint8Array, tag: number, start: number, end: number): number {
  if (tag === TAG.UTC_TIME) {
    if (end - start !== 13) throw malformed(start, 'UTCTime is not YYMMDDHHMMSSZ')
    const year = digits(source, start, 2)
    return readFields(source, year < 50 ? 2000 + year : 1900 + year, start + 2)
  }
  if (tag !== TAG.GENERALIZED_TIME) throw malformed(start, 'UTCTime or GeneralizedTime expected')
  if (end - start !== 15) throw malformed(start, 'GeneralizedTime is not YYYYMMDDHHMMSSZ')
  return readFields(source, digits(source, start, 4), start + 4)
}

/** GeneralizedTime `YYYYMMDDHHMMSSZ` as milliseconds since 1970 UTC. @throws der_malformed */
export function readGeneralizedTime(element: DerElement): number {
  if (element.tag !== TAG.GENERALIZED_TIME) throw malformed(element.contentStart, 'GeneralizedTime expected')
  return readTime(element)
}

/** True where RFC 5280 §4.1.2.5 asks for the other type: UTCTime through 2049, GeneralizedTime from 2050. */
export function isUnexpectedTimeType(tag: number, milliseconds: number): boolean {
  const year = new Date(milliseconds).getUTCFullYear()
  return (tag === TAG.GENERALIZED_TIME) !== (year >= 2050 || year < 1950)
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

function readFields(source: Uint8Array, year: number, at: number): number {
  const month = digits(source, at, 2)
  const day = digits(source, at + 2, 2)
  const hour = digits(source, at + 4, 2)
  const minute = digits(source, at + 6, 2)
  const second = digits(source, at + 8, 2)
  if (source[at + 10] !== 0x5a) throw malformed(at, 'time is not in UTC (Z)')
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (month < 1 || month > 12 || day < 1 || day > (DAYS[month - 1] as number) + (leap ? 1 : 0)) {
    throw malformed(at, 'no such date')
  }
  if (hour > 23 || minute > 59 || second > 59) throw malformed(at, 'no such time of day')
  if (year >= 100) return Date.UTC(year, month - 1, day, hour, minute, second)
  // Date.UTC reads the years 0 to 99 as 1900 to 1999.
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.setUTCHours(hour, minute, second, 0)
}

function digits(source: Uint8Array, from: number, count: number): number {
  let value = 0
  for (let index = from; index < from + count; index++) {
    const digit = (source[index] as number) - 0x30
    if (digit < 0 || digit > 9) throw malformed(from, 'time holds something else than digits')
    value = value * 10 + digit
  }
  return value
}

function malformed(offset: number, reason: string): PkiError {
  return new PkiError('der_malformed', `${reason} at offset ${offset}`, { offset })
}
