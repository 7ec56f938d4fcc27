/**
 * A partition of DynamoDB takes 1,000 writes of 1 KB a second. What is written with each signature or verdict is spread over so many partitions
 * for each key; `docs/decisions/0041-sharded-records.md` has the arithmetic.
 */
const shardCount = 8

/** The last hexadecimal digit of a UUID is random. */
export const shardOf = (id: string): number => (Number.parseInt(id.slice(-1), 16) || 0) % shardCount

/** A principal, a hash or another key, in one of its shards. */
export const inShard = (key: string, shard: number): string => `${key}#${shard}`

export const shardsOf = (key: string): readonly string[] =>
  Array.from({ length: shardCount }, (_, shard) => inShard(key, shard))
