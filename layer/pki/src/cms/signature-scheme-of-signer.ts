import { hashOfAlgorithm } from '../signature/hash-algorithms.ts'
import { signatureScheme } from '../signature/signature-algorithms.ts'
import { type SignatureScheme, schemeHash } from '../signature/signature-scheme.ts'
import type { SignerInfo } from './types.ts'

const idRsa = '1.2.840.113549.1.1.1'
const idDsa = '1.2.840.10040.4.1'
const idEc = '1.2.840.10045.2.1'

/**
 * The scheme of a SignerInfo. Where the signature algorithm is only that of the key (rsaEncryption, RFC 3370 §3.2; id-dsa),
 * the digest algorithm beside it completes it.
 *
 * @throws algorithm_unavailable, der_malformed
 */
export function schemeOfSigner(signer: SignerInfo): SignatureScheme {
  const { signatureAlgorithm, digestAlgorithm } = signer
  if (signatureAlgorithm.oid === idRsa) return { kind: 'rsa-pkcs1', hash: hashOfAlgorithm(digestAlgorithm).name }
  if (signatureAlgorithm.oid === idDsa || namesEcKey(signer)) {
    const kind = signatureAlgorithm.oid === idDsa ? 'dsa' : 'ecdsa'
    return { kind, hash: hashOfAlgorithm(digestAlgorithm).name, encoding: 'der' }
  }
  return signatureScheme(signatureAlgorithm)
}

/**
 * Some document signers write id-ecPublicKey where RFC 5753 §2.1.1 wants an ECDSA algorithm. What is meant is clear, but it is a
 * departure from the standard.
 */
export function namesEcKey({ signatureAlgorithm }: SignerInfo): boolean {
  return signatureAlgorithm.oid === idEc
}

/**
 * RFC 8933 §3 (and RFC 4056 §3 for RSASSA-PSS): with signed attributes, content and attributes are hashed by the same
 * algorithm. Algorithms that hash inside set no such condition.
 */
export function hashesAgree(scheme: SignatureScheme, { digestAlgorithm }: SignerInfo): boolean {
  const hash = schemeHash(scheme)
  return hash === undefined || hash === hashOfAlgorithm(digestAlgorithm).name
}
