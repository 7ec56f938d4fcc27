import { hashByOid } from '../signature/hash-algorithms.ts'
import { signatureScheme } from '../signature/signature-algorithms.ts'
import { type SignatureScheme, schemeHash } from '../signature/signature-scheme.ts'
import type { SignerInfo } from './types.ts'

const ID_RSA = '1.2.840.113549.1.1.1'
const ID_DSA = '1.2.840.10040.4.1'

/**
 * The scheme of a SignerInfo. Where the signature algorithm is only that of the key (rsaEncryption, RFC 3370 §3.2; id-dsa),
 * the digest algorithm beside it completes it.
 *
 * @throws algorithm_unavailable, der_malformed
 */
export function schemeOfSigner({ signatureAlgorithm, digestAlgorithm }: SignerInfo): SignatureScheme {
  if (signatureAlgorithm.oid === ID_RSA) return { kind: 'rsa-pkcs1', hash: hashByOid(digestAlgorithm.oid).name }
  if (signatureAlgorithm.oid === ID_DSA) {
    return { kind: 'dsa', hash: hashByOid(digestAlgorithm.oid).name, encoding: 'der' }
  }
  return signatureScheme(signatureAlgorithm)
}

/**
 * RFC 8933 §3 (and RFC 4056 §3 for RSASSA-PSS): with signed attributes, content and attributes are hashed by the same
 * algorithm. Algorithms that hash inside set no such condition.
 */
export function hashesAgree(scheme: SignatureScheme, { digestAlgorithm }: SignerInfo): boolean {
  const hash = schemeHash(scheme)
  return hash === undefined || hash === hashByOid(digestAlgorithm.oid).name
}
