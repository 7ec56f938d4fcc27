import type { PublicKeyRow } from '../tables/pkd-public-keys.ts'

const byConformance = { conforming: 2, unverified: 1, non_conforming: 0 } as const

/** Sorts as text: published before withdrawn, better conforming before worse, newer before older; the fingerprint makes it unique. */
export function rankOf(row: Pick<PublicKeyRow, 'status' | 'conformance' | 'notBefore' | 'fingerprint'>): string {
  const status = row.status === 'published' ? 1 : 0
  return `${status}${byConformance[row.conformance]}${row.notBefore}${row.fingerprint}`
}

/** The 16 partitions of a collection: one alone would limit how fast it can be written (DynamoDB: 1,000 writes a second). */
export const shardOf = (collection: string, fingerprint: string): string => `${collection}-${fingerprint[0]}`

export const shardDigits: readonly string[] = [...'0123456789abcdef']
