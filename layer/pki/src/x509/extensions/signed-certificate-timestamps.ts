import type { DerElement } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { expectTag } from './expect.ts'

/** The TLS-encoded SignedCertificateTimestampList (RFC 6962 §3.3), undecoded. @throws der_malformed */
export function decodeSignedCertificateTimestamps(value: DerElement): Uint8Array {
  return expectTag(value, tags.OCTET_STRING).content
}
