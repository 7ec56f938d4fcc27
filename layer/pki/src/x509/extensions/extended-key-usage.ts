import { readOid } from '../../der/oid.ts'
import type { DerElement } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { expectTag, sequenceOf } from './expect.ts'

/** The key purposes (RFC 5280 §4.2.1.12). @throws der_malformed */
export function decodeExtendedKeyUsage(value: DerElement): readonly string[] {
  return sequenceOf(value, element => readOid(expectTag(element, tags.OID)))
}
