import { table } from '@mmf/framework'
import * as z from 'zod'

/** Where a published certificate stands. */
export const expiryPlaces = ['trust_store', 'public_key_directory'] as const
export type ExpiryPlace = (typeof expiryPlaces)[number]

/** What was last published about the expiry of a certificate: written with the event, so that each threshold is published once. Kept for good. */
const ExpiryNoticeRow = z.strictObject({
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint: z.string(),
  place: z.enum(expiryPlaces),
  /** Days. Only lower thresholds are still to be published. */
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
