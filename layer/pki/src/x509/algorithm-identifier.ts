import { readOid } from '../der/oid.ts'
import type { DerElement } from '../der/reader.ts'
import { TAG } from '../der/tags.ts'
import type { AlgorithmIdentifier } from '../signature/types.ts'

/** Reads an AlgorithmIdentifier (RFC 5280 §4.1.1.2). @throws der_malformed */
export function readAlgorithmIdentifier(element: DerElement): AlgorithmIdentifier {
  const reader = element.children()
  const oid = readOid(reader.next(TAG.OID))
  if (reader.done) return { oid }
  const parameters = reader.any().raw
  reader.finish()
  return { oid, parameters }
}
