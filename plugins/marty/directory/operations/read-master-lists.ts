import { base64, defined, MmfError, requiresAuth, traceOperation, unreadableOf, unreadableShape } from '@mmf/framework'
import * as z from 'zod'
import { objectContent } from '../entries/object-content.ts'
import { operation } from '../operation.ts'
import { scanShards } from '../queries/shard-scan.ts'
import { Fingerprint, page } from '../schemas.ts'
import { type PkdMasterListRow, pkdMasterLists } from '../tables/pkd-master-lists.ts'
import { collections } from '../tables/pkd-public-keys.ts'

const MasterListEntry = z.strictObject({
  fingerprint: z.string(),
  collection: z.enum(collections),
  country: z.optional(z.string()),
  signer: z.optional(z.string()),
  signingTime: z.optional(z.iso.datetime()),
  certificates: z.int(),
  size: z.int(),
  signature: z.enum(['verified', 'unverified']),
  findings: z.array(z.string()),
  source: z.strictObject({ name: z.string(), importId: z.string(), principal: z.string() }),
})

const optional = ['country', 'signer', 'signingTime'] as const

function toMasterList(row: PkdMasterListRow): z.output<typeof MasterListEntry> {
  const { fingerprint, collection, certificates, size, signature, findings, source, importId, principal } = row
  const given = optional.flatMap(field => (row[field] === undefined ? [] : [[field, row[field]] as const]))
  return {
    fingerprint,
    collection,
    ...Object.fromEntries(given),
    certificates,
    size,
    signature,
    findings,
    source: { name: source, importId, principal },
  }
}

/** Lists are few, some for each state: a filter by country looks at all of them. */
export const listMasterLists = operation({
  name: 'list_master_lists',
  description: 'Master lists of the directory.',
  input: z.strictObject({ country: z.optional(z.string().regex(/^[A-Za-z]{2,3}$/)), ...page }),
  output: z.strictObject({ masterLists: z.array(MasterListEntry), ...unreadableShape, cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/pkd/master-lists' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_master_lists' })],
  async run({ country, limit = 20, cursor }, { context, call }) {
    const { signal } = call
    const found = await scanShards({ limit, cursor }, (partition, part) => {
      const within = { cursor: part.cursor }
      const query = { index: 'by_shard', partition, limit: part.limit, unreadable: 'report', ...within } as const
      return context.database.query(pkdMasterLists, query, { signal })
    })
    const rows = found.rows.filter(row => country === undefined || row.country === country.toUpperCase())
    return {
      masterLists: rows.map(toMasterList),
      ...unreadableOf(found),
      ...defined({ cursor: found.cursor }),
    }
  },
})

export const getMasterList = operation({
  name: 'get_master_list',
  description: 'One master list as its state published it; a very large one with a URL to download it from.',
  input: z.strictObject({ fingerprint: Fingerprint }),
  output: z.strictObject({
    ...MasterListEntry.shape,
    content: z.optional(base64({ description: 'the signed list, CMS' })),
    download: z.optional(z.string()),
  }),
  http: { method: 'GET', path: '/v1/pkd/master-lists/{fingerprint}' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'get_master_list' })],
  async run({ fingerprint }, { context, call }) {
    const row = await context.database.get(pkdMasterLists, { fingerprint }, { signal: call.signal })
    if (row === undefined) throw new MmfError('not_found', { detail: 'the directory has no such master list' })
    return { ...toMasterList(row), ...(await objectContent(context, row, call.signal)) }
  },
})
