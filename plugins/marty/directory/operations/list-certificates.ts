import { defined, integerText, requiresAuth, traceOperation, unreadableOf, unreadableShape } from '@mmf/framework'
import * as z from 'zod'
import { certificateKinds } from '../../certificates/kinds.ts'
import { toEntry } from '../entries/to-entry.ts'
import { operation } from '../operation.ts'
import { certificateQuery, matchingRows, matchingRowsOf, maxRows } from '../queries/certificate-query.ts'
import { expiryRange } from '../queries/expiry-range.ts'
import { scanShards } from '../queries/shard-scan.ts'
import { certificateReference, DirectoryEntry, page } from '../schemas.ts'
import { collections, conformances, type PublicKeyRow } from '../tables/pkd-public-keys.ts'

const Input = z.strictObject({
  ...certificateReference,
  kind: z.optional(z.enum(certificateKinds)),
  status: z.optional(z.enum(['published', 'withdrawn'])),
  collection: z.optional(z.enum(collections)),
  conformance: z.optional(z.enum(conformances)),
  expiresBefore: z.optional(z.iso.datetime()),
  expiringWithinDays: z.optional(integerText({ min: 0, max: 36_500 })),
  ...page,
})

/**
 * Entries that match all filters. A page may hold fewer than `limit` and still have a cursor: a request looks at 1,000 rows at the most, and of
 * those who expire in a time, without anything narrower, only at them.
 */
export const listCertificates = operation({
  name: 'list_certificates',
  description: 'Entries of the directory that match all given filters.',
  input: Input,
  output: z.strictObject({ certificates: z.array(DirectoryEntry), ...unreadableShape, cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/pkd/certificates' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_certificates' })],
  async run(
    {
      limit = 20,
      cursor: given,
      kind,
      status,
      collection,
      conformance,
      expiresBefore,
      expiringWithinDays,
      ...reference
    },
    { context, call },
  ) {
    const query = certificateQuery(reference)
    const expiry = expiryRange({ expiresBefore, expiringWithinDays }, given, context.clock.now())
    const { cursor } = expiry
    const exact = Object.entries({ kind, status, collection, conformance }).filter(([, value]) => value !== undefined)
    const matches = (row: PublicKeyRow) =>
      query.matches(row) && exact.every(([field, value]) => row[field as 'kind'] === value) && expiry.matches(row)
    const rowsLeft = { rows: maxRows }
    const options = { matches, limit, cursor, rowsLeft, signal: call.signal }
    const whole =
      expiry.sort === undefined
        ? ({ index: 'by_shard' } as const)
        : ({ index: 'by_expiry', sort: expiry.sort } as const)
    const found =
      query.via === undefined
        ? await scanShards({ collection, limit, cursor, isOver: () => rowsLeft.rows <= 0 }, (partition, part) =>
            matchingRows(context, { ...whole, partition }, { ...options, ...part }),
          )
        : await matchingRowsOf(context, query.via, options)
    return {
      certificates: found.rows.map(toEntry),
      ...unreadableOf(found),
      ...defined({ cursor: found.cursor && expiry.withMoment(found.cursor) }),
    }
  },
})
