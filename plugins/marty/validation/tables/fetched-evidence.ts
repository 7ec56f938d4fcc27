import { table } from '@mmf/framework'
import * as z from 'zod'

/** What certificates name addresses of (RFC 5280 §4.2.1.13, §4.2.2.1). */
export const fetchedKinds = ['crl', 'ocsp', 'issuer'] as const
export type FetchedKind = (typeof fetchedKinds)[number]

const Content = z.strictObject({
  /** SHA-256, lower-case hex; the bytes lie in `fetched_contents`. */
  sha256: z.string(),
  /** Bytes. */
  size: z.int(),
  fetchedAt: z.iso.datetime(),
  thisUpdate: z.optional(z.iso.datetime()),
  nextUpdate: z.optional(z.iso.datetime()),
  /** Issuer of a CRL, RFC 4514. */
  issuer: z.optional(z.string()),
})
export type FetchedContent = z.output<typeof Content>

/**
 * What one address answered. `latest` came last and is believed of nothing; `proven` is the last one that decided a verdict, so its
 * signature held. Both are shown to the validation, so what an attacker on the way puts in the place of a list cannot push out the list.
 */
const FetchedEvidenceRow = z.strictObject({
  /** SHA-256 of kind, address and, for OCSP, the request. */
  source: z.string(),
  kind: z.enum(fetchedKinds),
  url: z.string(),
  latest: z.optional(Content),
  proven: z.optional(Content),
  /** Of `latest`, as the server wrote it (RFC 9110 §8.8.3). */
  etag: z.optional(z.string()),
  /** When the server last said that `latest` is what it has. */
  askedAt: z.optional(z.iso.datetime()),
  /** Attempts that failed since. */
  failure: z.optional(z.strictObject({ code: z.string(), at: z.iso.datetime(), count: z.int() })),
  usedAt: z.iso.datetime(),
  /** The partition of what is fetched again by schedule: CRLs only. */
  shard: z.optional(z.string()),
  refreshAt: z.optional(z.iso.datetime()),
  /** When it was published that the list is past its nextUpdate. */
  staleSince: z.optional(z.iso.datetime()),
  expiresAt: z.int(),
  /** Counts the changes of this row. */
  revision: z.int(),
})
export type FetchedEvidenceRow = z.output<typeof FetchedEvidenceRow>

export const fetchedEvidence = table({
  name: 'fetched_evidence',
  row: FetchedEvidenceRow,
  partition: 'source',
  indexes: { by_refresh: { partition: 'shard', sort: 'refreshAt' } },
  ttl: 'expiresAt',
})
