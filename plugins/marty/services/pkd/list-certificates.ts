import { MmfError, type Page, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { shardDigits, shardOf } from '../../pkd/entry/rank.ts'
import { certificateKinds, collections, conformances, type PublicKeyRow } from '../../tables/pkd-public-keys.ts'
import { type CertificateQuery, certificateQuery, matchingRows } from './certificate-query.ts'
import { operation, type PkdContext } from './operation.ts'
import { certificateReference, DirectoryEntry, page } from './schemas.ts'
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
        ? await everywhere(context, collection, options)
        : await matchingRows(context, query.via, options)
    return {
      certificates: found.rows.map(toEntry),
      ...(found.cursor === undefined ? {} : { cursor: found.cursor }),
    }
  },
})

/** Shard by shard, in the order of collection and fingerprint. The cursor is the shard and the cursor within it. */
async function everywhere(
  context: PkdContext,
  collection: PublicKeyRow['collection'] | undefined,
  options: { matches: CertificateQuery['matches']; limit: number; cursor?: string | undefined; signal: AbortSignal },
): Promise<Page<PublicKeyRow>> {
  const wanted = collection === undefined ? collections : [collection]
  const shards = wanted.flatMap(name => shardDigits.map(digit => shardOf(name, digit)))
  const [at = '', inner] = options.cursor?.split(/\.(.*)/s) ?? [shards[0]]
  const rows: PublicKeyRow[] = []
  let within = inner === '' ? undefined : inner
  const first = shards.indexOf(at)
  if (first === -1) throw new MmfError('cursor_invalid')
  for (const shard of shards.slice(first)) {
    const found = await matchingRows(
      context,
      { index: 'by_shard', partition: shard },
      { ...options, limit: options.limit - rows.length, cursor: within },
    )
    rows.push(...found.rows)
    within = undefined
    if (found.cursor !== undefined) return { rows, cursor: `${shard}.${found.cursor}` }
    const next = shards[shards.indexOf(shard) + 1]
    if (rows.length >= options.limit && next !== undefined) return { rows, cursor: `${next}.` }
  }
  return { rows }
}
