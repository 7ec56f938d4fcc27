import { PkiError } from '../errors.ts'
import type { DerElement } from './reader.ts'
import { TAG } from './tags.ts'

/**
 * A Time of RFC 5280 §4.1.2.5 as milliseconds since 1970 UTC: UTCTime `YYMMDDHHMMSSZ` (years 1950 to 2049) or
 * GeneralizedTime `YYYYMMDDHHMMSSZ`. Offsets, fractions and missing seconds are refused.
 * @throws der_malformed
 */
export function readTime(element: DerElement): number {
  if (element.tag === TAG.UTC_TIME) {
    if (element.length !== 13) throw malformed(element, 'UTCTime is not YYMMDDHHMMSSZ')
    const year = digits(element, 0, 2)
    return readFields(element, year < 50 ? 2000 + year : 1900 + year, 2)
  }
  return readGeneralizedTime(element)
}

/** GeneralizedTime `YYYYMMDDHHMMSSZ` as milliseconds since 1970 UTC. @throws der_malformed */
export function readGeneralizedTime(element: DerElement): number {
  if (element.tag !== TAG.GENERALIZED_TIME) throw malformed(element, 'UTCTime or GeneralizedTime expected')
  if (element.length !== 15) throw malformed(element, 'GeneralizedTime is not YYYYMMDDHHMMSSZ')
  return readFields(element, digits(element, 0, 4), 4)
}

/** True where RFC 5280 §4.1.2.5 asks for the other type: UTCTime through 2049, GeneralizedTime from 2050. */
export function isUnexpectedTimeType(tag: number, milliseconds: number): boolean {
  const year = new Date(milliseconds).getUTCFullYear()
  return (tag === TAG.GENERALIZED_TIME) !== (year >= 2050 || year < 1950)
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

function readFields(element: DerElement, year: number, at: number): number {
  const month = digits(element, at, 2)
  const day = digits(element, at + 2, 2)
  const hour = digits(element, at + 4, 2)
  const minute = digits(element, at + 6, 2)
  const second = digits(element, at + 8, 2)
  if (element.source[element.contentStart + at + 10] !== 0x5a) throw malformed(element, 'time is not in UTC (Z)')
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (month < 1 || month > 12 || day < 1 || day > (DAYS[month - 1] as number) + (leap ? 1 : 0)) {
    throw malformed(element, 'no such date')
  }
  if (hour > 23 || minute > 59 || second > 59) throw malformed(element, 'no such time of day')
  if (year >= 100) return Date.UTC(year, month - 1, day, hour, minute, second)
  // Date.UTC reads the years 0 to 99 as 1900 to 1999.
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.setUTCHours(hour, minute, second, 0)
}

function digits(element: DerElement, at: number, count: number): number {
  let value = 0
  const from = element.contentStart + at
  for (let index = from; index < from + count; index++) {
    const digit = (element.source[index] as number) - 0x30
    if (digit < 0 || digit > 9) throw malformed(element, 'time holds something else than digits')
    value = value * 10 + digit
  }
  return value
}

function malformed(element: DerElement, reason: string): PkiError {
  return new PkiError('der_malformed', `${reason} at offset ${element.start}`, { offset: element.start })
}
