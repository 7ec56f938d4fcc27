import { type Comparison, MmfError } from '@mmf/framework'
import { dayMilliseconds } from '../../certificates/expiry/warning-days.ts'
import type { PublicKeyRow } from '../tables/pkd-public-keys.ts'

/** Which certificates are asked for by their notAfter. */
export interface ExpiryRange {
  /** For the index by notAfter; undefined where nothing is asked. */
  readonly sort: Comparison | undefined
  readonly matches: (row: Pick<PublicKeyRow, 'notAfter'>) => boolean
  /** The cursor without what belongs to this filter, and with it again. */
  readonly cursor: string | undefined
  withMoment(cursor: string): string
}

/**
 * All pages of `expiringWithinDays` are about the moment of the first one, which goes along in the cursor.
 * @throws {MmfError} `cursor_invalid`
 */
export function expiryRange(
  asked: { readonly expiresBefore?: string | undefined; readonly expiringWithinDays?: number | undefined },
  cursor: string | undefined,
  now: Date,
): ExpiryRange {
  const before = asked.expiresBefore === undefined ? undefined : new Date(asked.expiresBefore).toISOString()
  const isBefore = ({ notAfter }: Pick<PublicKeyRow, 'notAfter'>) => before === undefined || notAfter < before
  const { expiringWithinDays: days } = asked
  if (days === undefined) {
    const sort = before === undefined ? undefined : { lt: before }
    return { sort, matches: isBefore, cursor, withMoment: next => next }
  }
  const place = readCursor(cursor)
  const moment = place?.moment ?? now.getTime()
  const from = new Date(moment).toISOString()
  const until = new Date(moment + days * dayMilliseconds).toISOString()
  return {
    sort: { gte: from, lte: until },
    matches: row => row.notAfter >= from && row.notAfter <= until && isBefore(row),
    cursor: place?.cursor,
    withMoment: next => `${moment}~${next}`,
  }
}

function readCursor(cursor: string | undefined): { readonly moment: number; readonly cursor: string } | undefined {
  if (cursor === undefined) return undefined
  const [, digits, rest] = /^(\d{1,14})~(.+)$/s.exec(cursor) ?? []
  if (digits === undefined || rest === undefined) throw new MmfError('cursor_invalid')
  return { moment: Number(digits), cursor: rest }
}
