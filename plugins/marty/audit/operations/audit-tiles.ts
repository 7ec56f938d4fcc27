import { MmfError, requiresAuth, traceOperation } from '@mmf/framework'
import { readTilePath, tilePath } from '@mmf/framework/transparency'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { readLogBlob } from '../log/log-blobs.ts'
import { operation } from '../operation.ts'

const segment = z.string().max(8)

/** One route for each number of segments that the path of a tile has: tiles are numbered in groups of three digits (C2SP tlog-tiles, "Merkle Tree"). */
function tileRoute<const Shape extends Readonly<Record<string, typeof segment>>>(shape: Shape) {
  const names = Object.keys(shape)
  return operation({
    name: `get_audit_tile_${names.length}`,
    description: `A tile of the audit log, or with the level "entries" a bundle of leaves (C2SP tlog-tiles), ${names.length} segments long.`,
    input: z.strictObject({ level: segment, ...shape }),
    output: z.strictObject({ content: z.string() }),
    http: {
      method: 'GET',
      path: `/v1/audit/tile/{level}/${names.map(name => `{${name}}`).join('/')}`,
      present: {
        mediaTypes: ['application/octet-stream'],
        of: ({ content }) => ({ body: content, isBase64: true, mediaType: 'application/octet-stream' }),
      },
    },
    concerns: [requiresAuth({ roles: [roles.auditor] }), traceOperation({ operationName: 'get_audit_tile' })],
    async run(input, { context, call }) {
      const given = input as Readonly<Record<string, string>>
      const tile = readTilePath(['tile', given['level'], ...names.map(name => given[name])].join('/'))
      const { blobs } = context
      const bytes = tile && (await readLogBlob(tilePath(tile), { blobs, signal: call.signal }))
      if (bytes === undefined) throw new MmfError('not_found', { detail: 'the log has no such tile' })
      return { content: Buffer.from(bytes).toString('base64') }
    },
  })
}

export const getAuditTile1 = tileRoute({ a: segment })
export const getAuditTile2 = tileRoute({ a: segment, b: segment })
export const getAuditTile3 = tileRoute({ a: segment, b: segment, c: segment })
export const getAuditTile4 = tileRoute({ a: segment, b: segment, c: segment, d: segment })
