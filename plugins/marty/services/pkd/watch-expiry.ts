import { type Call, requiresAuth, scheduled, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { lookForExpiring, type Place } from '../../expiry/look.ts'
import { shardDigits, shardOf } from '../../pkd/entry/rank.ts'
import { collections, publicKeys } from '../../tables/pkd-public-keys.ts'
import { administrator, operation, type PkdContext } from './operation.ts'

/** The published certificates of the directory, by collection and first digit. */
function directory({ database }: PkdContext, { signal }: Call): Place {
  return {
    name: 'directory',
    partitions: async () => collections.flatMap(name => shardDigits.map(digit => shardOf(name, digit))),
    async page(partition, { from, to }, { limit, cursor }) {
      const query = { index: 'by_expiry', partition, sort: { gte: from, lte: to }, limit } as const
      const page = await database.query(
        publicKeys,
        { ...query, ...(cursor === undefined ? {} : { cursor }) },
        { signal },
      )
      const rows = page.rows.filter(({ status }) => status === 'published')
      return {
        rows: rows.map(({ fingerprint, subject, country, kind, notAfter }) => ({
          fingerprint,
          subject,
          ...(country === undefined ? {} : { country }),
          kind,
          notAfter,
        })),
        ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
      }
    },
  }
}

const look = (context: PkdContext, call: Call) =>
  lookForExpiring(context, directory(context, call), context.config.certificate_expiry_warning_days, call)

export const checkExpiry = operation({
  name: 'check_directory_expiry',
  description: 'Tells of certificates of the directory that have come nearer to their end since the last look.',
  input: z.strictObject({}),
  output: z.strictObject({ told: z.int(), complete: z.boolean() }),
  http: { method: 'POST', path: '/v1/pkd/expiry/check' },
  concerns: [requiresAuth({ roles: [administrator] }), traceOperation({ operationName: 'check_expiry' })],
  run: (_input, { context, call }) => look(context, call),
})

export const watchExpiry = operation({
  name: 'watch_directory_expiry',
  description: 'Looks at regular times for certificates of the directory that come to their end.',
  input: z.strictObject({}),
  output: z.undefined(),
  concerns: [scheduled({ everyMinutes: 360 }), traceOperation({ operationName: 'check_expiry' })],
  async run(_input, { context, call }) {
    await look(context, call)
    return undefined
  },
})
