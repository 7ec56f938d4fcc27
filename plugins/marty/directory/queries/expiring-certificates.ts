import { check } from '@mmf/framework'
import { type ExpirySource, expiryQuery } from '../../certificates/expiry/expiry-source.ts'
import { shardDigits, shardOf } from '../entry/rank.ts'
import type { PkdContext } from '../operation.ts'
import { collections, publicKeys } from '../tables/pkd-public-keys.ts'

/** Certificates of the directory as something that expires: those that are published. */
export function expiringCertificates(
  { database }: Pick<PkdContext, 'database'>,
  signal: AbortSignal,
): ExpirySource<typeof publicKeys> {
  return {
    place: 'public_key_directory',
    partitions: async () => collections.flatMap(name => shardDigits.map(digit => shardOf(name, digit))),
    page: (partition, range) => database.query(publicKeys, expiryQuery(partition, range), { signal }),
    async standing(fingerprints) {
      const keys = fingerprints.map(fingerprint => ({ fingerprint }))
      const rows = await database.getMany(publicKeys, keys, { signal })
      return {
        certificates: rows.flatMap(row => (row?.status === 'published' ? [row] : [])),
        guards: certificates =>
          certificates.map(({ fingerprint }) => check(publicKeys, { fingerprint }, { status: 'published' })),
      }
    },
  }
}
