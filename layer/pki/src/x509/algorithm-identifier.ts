import { DerCursor } from '../der/cursor.ts'
import { oidOfOctets, readOid } from '../der/oid.ts'
import type { DerElement } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import type { AlgorithmIdentifier } from '../signature/types.ts'

/** Reads an AlgorithmIdentifier (RFC 5280 §4.1.1.2). @throws der_malformed */
export function readAlgorithmIdentifier(element: DerElement): AlgorithmIdentifier {
  const reader = element.children()
  const oid = readOid(reader.next(tags.OID))
  if (reader.done) return { oid }
  const parameters = reader.any().raw
  reader.finish()
  return { oid, parameters }
}

/** The same in strict DER from the octets of the whole element, without an object for each part. @throws der_malformed */
export function algorithmIdentifierAt(source: Uint8Array, start: number, end: number): AlgorithmIdentifier {
  const cursor = new DerCursor(source, start, end)
  cursor.next(tags.SEQUENCE)
  const limit = cursor.enter()
  cursor.next(tags.OID)
  const oid = oidOfOctets(source, cursor.contentStart, cursor.contentEnd)
  if (cursor.offset === cursor.limit) return { oid }
  cursor.any()
  const parameters = source.subarray(cursor.start, cursor.offset)
  cursor.leave(limit)
  return { oid, parameters }
}
