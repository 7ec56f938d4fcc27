import type { DerElement } from '../der/reader.ts'
import { constructedBit, tags } from '../der/tags.ts'
import { readBoolean, readOctetString } from '../der/values.ts'
import { boolean, compareBytes, concatBytes, tlv } from '../der/writer.ts'
import { PkiError } from '../errors.ts'

/** Universal types of a primitive encoding in DER, which BER may split into segments (X.690 §8.7, §8.23, §10.2). */
const stringTags: ReadonlySet<number> = new Set([
  0x04, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1e,
])

/**
 * Writes an element again in DER: definite minimal lengths, joined strings, sorted sets (X.690 §10, §11). What needs the schema,
 * such as a DEFAULT that is written out, stays as it is.
 *
 * @throws der_malformed, der_limit_exceeded; cms_unsupported for a tag number above 30
 */
export function toDer(element: DerElement): Uint8Array {
  const { tag } = element
  if (tag > 0xff) throw new PkiError('cms_unsupported', `tag 0x${tag.toString(16)}`)
  const primitiveTag = tag & ~constructedBit
  if (stringTags.has(primitiveTag)) return tlv(primitiveTag, readOctetString(element))
  if (tag === tags.BOOLEAN) return boolean(readBoolean(element))
  if (!element.constructed) return tlv(tag, element.content)
  const parts: Uint8Array[] = []
  for (const reader = element.children(); !reader.done; ) parts.push(toDer(reader.any()))
  if (tag === tags.SET) parts.sort(compareBytes)
  return tlv(tag, concatBytes(parts))
}
