import { parseSignedData } from './parse-signed-data.ts'

/**
 * The certificates of a PKCS #7 bundle (`.p7b`, `.p7c`): SignedData without signers (RFC 5652 §5.2, "degenerate case"). Read
 * tolerantly, as such bundles come from many tools. Nothing is verified: a bundle is a bag of certificates.
 *
 * @returns DER as it came, views on the input, in the order of the bundle
 * @throws cms_malformed, cms_unsupported, limit_exceeded, der_limit_exceeded
 */
export function certificatesFromPkcs7(bytes: Uint8Array): readonly Uint8Array[] {
  return parseSignedData(bytes, { tolerant: true }).certificates
}
