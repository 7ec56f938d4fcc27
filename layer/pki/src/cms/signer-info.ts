import type { DerElement } from '../der/reader.ts'
import { contextConstructed, contextPrimitive, tags } from '../der/tags.ts'
import { readIntegerBytes, readOctetString, readSmallInteger } from '../der/values.ts'
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'
import { Name } from '../x509/name.ts'
import { readAttributes, readSignedAttributes } from './attributes.ts'
import type { SignerIdentifier, SignerInfo } from './types.ts'

/**
 * SignerInfo (RFC 5652 §5.3).
 * @throws der_malformed, cms_malformed, limit_exceeded
 */
export function readSignerInfo(element: DerElement, tolerant: boolean): SignerInfo {
  const fields = element.children()
  const version = readSmallInteger(fields.next(tags.INTEGER))
  const sid = readSignerIdentifier(fields.any())
  const digestAlgorithm = readAlgorithmIdentifier(fields.next(tags.SEQUENCE))
  const signed = fields.optional(contextConstructed(0))
  const signatureAlgorithm = readAlgorithmIdentifier(fields.next(tags.SEQUENCE))
  const signature = readOctetString(fields.next(tags.OCTET_STRING))
  const unsigned = fields.optional(contextConstructed(1))
  fields.finish()
  return {
    version,
    sid,
    digestAlgorithm,
    ...(signed && { signedAttributes: readSignedAttributes(signed, tolerant) }),
    signatureAlgorithm,
    signature,
    unsignedAttributes: unsigned === undefined ? [] : readAttributes(unsigned),
  }
}

function readSignerIdentifier(element: DerElement): SignerIdentifier {
  const keyIdTag = contextPrimitive(0)
  if (element.tag === keyIdTag || (element.rules.ber && element.tag === contextConstructed(0))) {
    return { type: 'subjectKeyIdentifier', keyIdentifier: readOctetString(element) }
  }
  const fields = element.children()
  const issuer = new Name(fields.next(tags.SEQUENCE))
  const serialNumber = readIntegerBytes(fields.next(tags.INTEGER))
  fields.finish()
  return { type: 'issuerAndSerialNumber', issuer, serialNumber }
}
