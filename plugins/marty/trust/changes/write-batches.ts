import type { TrustWrite } from '../store/trust-grants.ts'

/** 100 writes a transaction, less the two that go with each batch and the row of the audit log. */
export const maxBatchWrites = 97

/** A transaction has at most 4 MB; the rest is room for what the estimate leaves out. */
export const maxBatchBytes = 3_000_000

/** Cuts writes into batches that fit into a transaction, in order. */
export function* batches(writes: readonly TrustWrite[]): Generator<readonly TrustWrite[]> {
  let batch: TrustWrite[] = []
  let bytes = 0
  for (const write of writes) {
    const size = bytesOf(write)
    if (batch.length === maxBatchWrites || (batch.length > 0 && bytes + size > maxBatchBytes)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(write)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

/** About what a write weighs: its byte strings and its text, and something for the rest. */
export function bytesOf(write: TrustWrite): number {
  const values = write.kind === 'put' ? Object.values(write.row as object) : []
  return 500 + values.reduce<number>((sum, value) => sum + weight(value), 0)
}

function weight(value: unknown): number {
  if (value instanceof Uint8Array) return value.byteLength
  if (typeof value === 'string') return value.length * 3
  return Array.isArray(value) ? value.reduce<number>((sum, item) => sum + 8 + weight(item), 0) : 8
}
