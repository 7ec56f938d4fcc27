import { createHash, timingSafeEqual } from 'node:crypto'
import { MmfError } from '../errors/mmf-error.ts'
import { decodeCbor, encodeCbor } from './sqlite/cbor.ts'
import type { Value } from './table.ts'

const checksumBytes = 16
const maxLength = 16_384

/**
 * An opaque text for the place in a query after which the next page begins. It holds sort and table key values of the last row, and a checksum
 * over them and the query. It grants nothing: the partition and the range always come from the query itself.
 */
export function encodeCursor(query: Value, position: readonly Value[]): string {
  const place = encodeCbor(position)
  return Buffer.concat([checksum(query, place), place]).toString('base64url')
}

/** @throws {MmfError} `cursor_invalid` when it was altered, is not canonical, or was made for another query. */
export function decodeCursor(query: Value, cursor: string): readonly Value[] {
  if (cursor.length > maxLength || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw invalid()
  const bytes = Buffer.from(cursor, 'base64url')
  if (bytes.length <= checksumBytes || bytes.toString('base64url') !== cursor) throw invalid()
  const place = bytes.subarray(checksumBytes)
  if (!timingSafeEqual(bytes.subarray(0, checksumBytes), checksum(query, place))) throw invalid()
  try {
    const position = decodeCbor(place)
    if (Array.isArray(position)) return position as readonly Value[]
  } catch (cause) {
    throw invalid(cause)
  }
  throw invalid()
}

export function invalid(cause?: unknown): MmfError {
  return new MmfError('cursor_invalid', { detail: 'use the cursor of a page with the same query', cause })
}

function checksum(query: Value, place: Uint8Array): Buffer {
  return createHash('sha256').update(encodeCbor(query)).update(place).digest().subarray(0, checksumBytes)
}
