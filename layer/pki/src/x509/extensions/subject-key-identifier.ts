import type { DerElement } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { expectTag } from './expect.ts'

/** The key identifier's octets (RFC 5280 §4.2.1.2). @throws der_malformed */
export function decodeSubjectKeyIdentifier(value: DerElement): Uint8Array {
  return expectTag(value, tags.OCTET_STRING).content
}
