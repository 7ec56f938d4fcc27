import { readOid } from '../der/oid.ts'
import type { DerElement, DerReader } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import { compareBytes, concatBytes, tlv } from '../der/writer.ts'
import { PkiError } from '../errors.ts'
import { toDer } from './to-der.ts'
import type { CmsAttribute, SignerInfo } from './types.ts'

/** More attributes than any profile of CMS defines. */
const maxAttributes = 64

/**
 * SET SIZE (1..MAX) OF Attribute under whatever tag it carries. Attribute types occur once (RFC 5652 §5.3).
 *
 * @throws der_malformed, cms_malformed
 */
export function readAttributes(set: DerElement): readonly CmsAttribute[] {
  const attributes: CmsAttribute[] = []
  const seen = new Set<string>()
  const reader = set.children()
  while (!reader.done) {
    if (attributes.length === maxAttributes)
      throw new PkiError('limit_exceeded', `more than ${maxAttributes} attributes`)
    const attribute = readAttribute(reader)
    if (seen.has(attribute.oid)) {
      throw new PkiError('cms_malformed', `attribute ${attribute.oid} occurs twice`, { oid: attribute.oid })
    }
    seen.add(attribute.oid)
    attributes.push(attribute)
  }
  if (attributes.length === 0) throw new PkiError('cms_malformed', 'empty set of attributes')
  return attributes
}

function readAttribute(reader: DerReader): CmsAttribute {
  const pair = reader.next(tags.SEQUENCE).children()
  const oid = readOid(pair.next(tags.OID))
  const values: DerElement[] = []
  for (const set = pair.next(tags.SET).children(); !set.done; ) values.push(set.any())
  pair.finish()
  return { oid, values }
}

/**
 * signedAttrs: what the signature covers is a separate encoding under the tag of SET OF, in DER (RFC 5652 §5.4).
 *
 * @param tolerant allows a set that is not sorted
 * @throws der_malformed, cms_malformed
 */
export function readSignedAttributes(set: DerElement, tolerant: boolean): NonNullable<SignerInfo['signedAttributes']> {
  const attributes = readAttributes(set)
  const encoded: Uint8Array[] = []
  for (const reader = set.children(); !reader.done; ) {
    const attribute = reader.any()
    encoded.push(set.rules.ber ? toDer(attribute) : attribute.raw)
  }
  const sorted = encoded.toSorted(compareBytes)
  const toBeSigned = tlv(tags.SET, concatBytes(sorted))
  if (sorted.every((part, index) => part === encoded[index])) return { attributes, toBeSigned }
  if (!tolerant) throw new PkiError('cms_malformed', 'signed attributes are not in DER order')
  return { attributes, toBeSigned, asTransmitted: tlv(tags.SET, concatBytes(encoded)) }
}

/** The one value of an attribute, undefined where the attribute is absent. @throws cms_malformed for none or several values */
export function singleValue(attributes: readonly CmsAttribute[], oid: string): DerElement | undefined {
  const attribute = attributes.find(candidate => candidate.oid === oid)
  if (attribute === undefined) return undefined
  const [value] = attribute.values
  if (value === undefined || attribute.values.length > 1) {
    throw new PkiError('cms_malformed', `attribute ${oid} has ${attribute.values.length} values`, { oid })
  }
  return value
}
