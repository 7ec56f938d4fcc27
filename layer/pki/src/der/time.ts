import { PkiError } from '../errors.ts'
import type { DerElement } from './reader.ts'
import { tags } from './tags.ts'

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
  if (tag === tags.UTC_TIME) {
    if (end - start !== 13) throw malformed(start, 'UTCTime is not YYMMDDHHMMSSZ')
    const year = twoDigits(source, start)
    return readFields(source, year < 50 ? 2000 + year : 1900 + year, start + 2)
  }
  if (tag !== tags.GENERALIZED_TIME) throw malformed(start, 'UTCTime or GeneralizedTime expected')
  if (end - start !== 15) throw malformed(start, 'GeneralizedTime is not YYYYMMDDHHMMSSZ')
  return readFields(source, twoDigits(source, start) * 100 + twoDigits(source, start + 2), start + 4)
}

/** GeneralizedTime `YYYYMMDDHHMMSSZ` as milliseconds since 1970 UTC. @throws der_malformed */
export function readGeneralizedTime(element: DerElement): number {
  if (element.tag !== tags.GENERALIZED_TIME) throw malformed(element.contentStart, 'GeneralizedTime expected')
  return readTime(element)
}

/** True where RFC 5280 §4.1.2.5 asks for the other type: UTCTime through 2049, GeneralizedTime from 2050. */
export function isUnexpectedTimeType(tag: number, milliseconds: number): boolean {
  return (tag === tags.GENERALIZED_TIME) !== (milliseconds >= year2050 || milliseconds < year1950)
}

const year1950 = Date.UTC(1950)
const year2050 = Date.UTC(2050)

const dayCounts = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

function readFields(source: Uint8Array, year: number, at: number): number {
  const month = twoDigits(source, at)
  const day = twoDigits(source, at + 2)
  const hour = twoDigits(source, at + 4)
  const minute = twoDigits(source, at + 6)
  const second = twoDigits(source, at + 8)
  if (source[at + 10] !== 0x5a) throw malformed(at, 'time is not in UTC (Z)')
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (month < 1 || month > 12 || day < 1 || day > (dayCounts[month - 1] as number) + (leap ? 1 : 0)) {
    throw malformed(at, 'no such date')
  }
  if (hour > 23 || minute > 59 || second > 59) throw malformed(at, 'no such time of day')
  return (daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second) * 1000
}

/**
 * Days in the proleptic Gregorian calendar. A year is counted from March on, so that the leap day is its last and the lengths of the months
 * before it follow one formula. Date.UTC would take the years 0 to 99 for 1900 to 1999.
 */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1
  const monthFromMarch = month > 2 ? month - 3 : month + 9
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400)
  return shifted * 365 + leapDays + Math.floor((153 * monthFromMarch + 2) / 5) + day - 719_469
}

function twoDigits(source: Uint8Array, at: number): number {
  const tens = (source[at] as number) - 0x30
  const ones = (source[at + 1] as number) - 0x30
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) throw malformed(at, 'time holds something else than digits')
  return tens * 10 + ones
}

function malformed(offset: number, reason: string): PkiError {
  return new PkiError('der_malformed', `${reason} at offset ${offset}`, { offset })
}
