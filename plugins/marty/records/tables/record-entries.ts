import { table } from '@mmf/framework'
import * as z from 'zod'
import { inShard, shardOf } from '../shards.ts'

/** What lists of records are filtered by. */
const RecordEntry = z.strictObject({
  /** Of the record: UUID of version 7, sorts by time. */
  id: z.string(),
  /** `sub` of the token. */
  principal: z.string(),
  /** The hash that the record is about: of the document, of the certificate. Lower-case hex. */
  subject: z.string(),
  /** The algorithm, or `valid` and `invalid`. */
  trait: z.string(),
  /** Partitions of the indexes. */
  timeShard: z.string(),
  principalShard: z.string(),
  subjectShard: z.string(),
})
export type RecordEntry = z.output<typeof RecordEntry>

const entries = <const Name extends string>(name: Name) =>
  table({
    name,
    row: RecordEntry,
    partition: 'id',
    indexes: {
      by_time: { partition: 'timeShard', sort: 'id' },
      by_principal: { partition: 'principalShard', sort: 'id' },
      by_subject: { partition: 'subjectShard', sort: 'id' },
    },
  })

/** One for each signature, written with its record. */
export const signatureEntries = entries('signature_entries')
/** One for each verdict, written with it. */
export const validationEntries = entries('validation_entries')

export type EntryTable = typeof signatureEntries

/** All records of a table are one key of the index by time. */
export const allRecords = 'all'

export function entryOf(about: Pick<RecordEntry, 'id' | 'principal' | 'subject' | 'trait'>): RecordEntry {
  const shard = shardOf(about.id)
  return {
    ...about,
    timeShard: inShard(allRecords, shard),
    principalShard: inShard(about.principal, shard),
    subjectShard: inShard(about.subject, shard),
  }
}
