import { table } from '@mmf/framework'
import * as z from 'zod'

/** Where a certificate stands that is told of. */
export const expiryPlaces = ['trust_store', 'public_key_directory'] as const
export type ExpiryPlace = (typeof expiryPlaces)[number]

/** What was last told of the expiry of a certificate: written with the event, so that each threshold is told once. Kept for good. */
const ExpiryNoticeRow = z.strictObject({
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint: z.string(),
  place: z.enum(expiryPlaces),
  /** Days. Only lower ones are still to be told. */
  threshold: z.int(),
  toldAt: z.iso.datetime(),
})
export type ExpiryNoticeRow = z.output<typeof ExpiryNoticeRow>

export const expiryNotices = table({
  name: 'expiry_notices',
  row: ExpiryNoticeRow,
  partition: 'fingerprint',
  sort: 'place',
})
