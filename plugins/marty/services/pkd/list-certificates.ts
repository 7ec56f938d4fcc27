import { requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { certificateKinds, collections, conformances, type PublicKeyRow } from '../../tables/pkd-public-keys.ts'
import { certificateQuery, matchingRows } from './certificate-query.ts'
import { operation } from './operation.ts'
import { certificateReference, DirectoryEntry, page } from './schemas.ts'
import { scanShards } from './shard-scan.ts'
import { toEntry } from './to-entry.ts'

const Input = z.strictObject({
  ...certificateReference,
  kind: z.optional(z.enum(certificateKinds)),
  status: z.optional(z.enum(['published', 'withdrawn'])),
  collection: z.optional(z.enum(collections)),
  conformance: z.optional(z.enum(conformances)),
  expiresBefore: z.optional(z.iso.datetime()),
  ...page,
})

/** Entries that match all filters. A page may hold fewer than `limit` and still have a cursor: a request looks at 1,000 rows at the most. */
export const listCertificates = operation({
  name: 'list_certificates',
  description: 'Entries of the directory that match all given filters.',
  input: Input,
  output: z.strictObject({ certificates: z.array(DirectoryEntry), cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/pkd/certificates' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_certificates' })],
  async run(
    { limit = 20, cursor, kind, status, collection, conformance, expiresBefore, ...reference },
    { context, call },
  ) {
    const query = certificateQuery(reference)
    const exact = Object.entries({ kind, status, collection, conformance }).filter(([, value]) => value !== undefined)
    const matches = (row: PublicKeyRow) =>
      query.matches(row) &&
      exact.every(([field, value]) => row[field as 'kind'] === value) &&
      (expiresBefore === undefined || Date.parse(row.notAfter) < Date.parse(expiresBefore))
    const options = { matches, limit, cursor, signal: call.signal }
    const found =
      query.via === undefined
        ? await scanShards({ collection, limit, cursor }, (partition, part) =>
            matchingRows(context, { index: 'by_shard', partition }, { ...options, ...part }),
          )
        : await matchingRows(context, query.via, options)
    return {
      certificates: found.rows.map(toEntry),
      ...(found.cursor === undefined ? {} : { cursor: found.cursor }),
    }
  },
})
