import {
  base64,
  defined,
  MmfError,
  type Page,
  requiresAuth,
  traceOperation,
  unreadableOf,
  unreadableShape,
} from '@mmf/framework'
import * as z from 'zod'
import { storedNameKeys } from '../../certificates/stored-name-keys.ts'
import { queryPartitions } from '../../certificates/stored-partitions.ts'
import { objectContent } from '../entries/object-content.ts'
import { operation } from '../operation.ts'
import { readName } from '../queries/certificate-query.ts'
import { scanShards } from '../queries/shard-scan.ts'
import { Fingerprint, page } from '../schemas.ts'
import { crlColumns, type PkdCrlRow, pkdCrls } from '../tables/pkd-crls.ts'
import { collections } from '../tables/pkd-public-keys.ts'

const CrlEntry = z.strictObject({
  fingerprint: z.string(),
  ...crlColumns,
  /** nextUpdate has passed: a newer list should exist. */
  stale: z.boolean(),
  source: z.strictObject({ name: z.string(), importId: z.string(), principal: z.string() }),
})

const optional = ['authorityKeyIdentifier', 'country', 'number', 'baseNumber', 'nextUpdate'] as const

function toCrl(row: PkdCrlRow, now: Date): z.output<typeof CrlEntry> {
  const { fingerprint, collection, issuer, thisUpdate, nextUpdate, revoked, size, signature } = row
  const given = optional.flatMap(field => (row[field] === undefined ? [] : [[field, row[field]] as const]))
  return {
    fingerprint,
    collection,
    issuer,
    ...Object.fromEntries(given),
    thisUpdate,
    stale: nextUpdate !== undefined && Date.parse(nextUpdate) < now.getTime(),
    revoked,
    size,
    signature,
    source: { name: row.source, importId: row.importId, principal: row.principal },
  }
}

/** Newest first: on one page also where some lie under the key of an earlier version. */
async function listsOfIssuer(
  ...[keys, page, pageOf]: Parameters<typeof queryPartitions<PkdCrlRow>>
): Promise<Page<PkdCrlRow>> {
  const found = await queryPartitions(keys, page, pageOf)
  return { ...found, rows: found.rows.toSorted((a, b) => (a.age < b.age ? 1 : -1)) }
}

/** The lists of one issuer, newest first, or all. */
export const listCrls = operation({
  name: 'list_crls',
  description: 'Revocation lists of the directory: those of one issuer, newest first, or all.',
  input: z.strictObject({
    issuer: z.optional(z.string().min(1).max(8192).meta({ description: 'distinguished name, RFC 4514' })),
    collection: z.optional(z.enum(collections)),
    ...page,
  }),
  output: z.strictObject({ crls: z.array(CrlEntry), ...unreadableShape, cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/pkd/crls' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_crls' })],
  async run({ issuer, collection, limit = 20, cursor }, { context, call }) {
    const { signal } = call
    const { database, clock } = context
    const found =
      issuer === undefined
        ? await scanShards({ collection, limit, cursor }, (partition, part) => {
            const within = { cursor: part.cursor }
            return database.query(
              pkdCrls,
              { index: 'by_shard', partition, limit: part.limit, unreadable: 'report', ...within },
              { signal },
            )
          })
        : await listsOfIssuer(storedNameKeys(readName(issuer, 'issuer')), { limit, cursor }, (partition, part) =>
            database.query(
              pkdCrls,
              { index: 'by_issuer', partition, descending: true, unreadable: 'report', ...part },
              { signal },
            ),
          )
    const rows = found.rows.filter(row => collection === undefined || row.collection === collection)
    return {
      crls: rows.map(row => toCrl(row, clock.now())),
      ...unreadableOf(found),
      ...defined({ cursor: found.cursor }),
    }
  },
})

export const getCrl = operation({
  name: 'get_crl',
  description: 'One revocation list with its contents; a very large one with a URL to download it from.',
  input: z.strictObject({ fingerprint: Fingerprint }),
  output: z.strictObject({
    ...CrlEntry.shape,
    content: z.optional(base64({ description: 'the CRL, DER' })),
    download: z.optional(z.string()),
  }),
  http: { method: 'GET', path: '/v1/pkd/crls/{fingerprint}' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'get_crl' })],
  async run({ fingerprint }, { context, call }) {
    const row = await context.database.get(pkdCrls, { fingerprint }, { signal: call.signal })
    if (row === undefined) throw new MmfError('not_found', { detail: 'the directory has no such CRL' })
    return { ...toCrl(row, context.clock.now()), ...(await objectContent(context, row, call.signal)) }
  },
})
