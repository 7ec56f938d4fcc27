import { isPkiError } from '../errors.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { verifyPkcs1WithoutNull } from './digest-info.ts'
import { hashByName } from './hash-algorithms.ts'
import { type ImportedKey, importPublicKey } from './key-cache.ts'
import { signatureScheme } from './signature-algorithms.ts'
import { type SignatureScheme, schemeAcceptsKeyType } from './signature-scheme.ts'
import type { SignatureCompatibility, SignatureRequest, SignatureResult } from './types.ts'
import { algorithmIdentifierFields, signatureCompatibilityFields, signatureRequestFields } from './types.ts'
import { verifyWithScheme } from './verify-with-scheme.ts'

/** The departures from a standard that a caller may allow, by the names verdicts and logs give them. */
export type CompatibilityName = 'rsa-digestinfo-without-null' | 'explicit-curve-parameters'

/** A result that also names the compatibilities it needed; absent where none was. */
export type SignatureVerdict = SignatureResult & { readonly compatibility?: readonly CompatibilityName[] }

/**
 * Verifies a signature as X.509, CRLs, OCSP and CMS carry it: AlgorithmIdentifier, SubjectPublicKeyInfo, signed octets,
 * signature octets (a BIT STRING without its unused-bits octet).
 *
 * Guarantees: never throws for hostile input, only argument_invalid for a field that the request does not have. `invalid` is said only of a signature that was checked against a usable key of
 * the right type, or whose key type, restrictions or size rule it out. `unavailable`: the runtime or the table lacks
 * the algorithm. `malformed`: key or parameters cannot be read, or the key spells its curve out and `policy` does not allow it.
 */
export function verifySignature(request: SignatureRequest): SignatureVerdict {
  refuseUnknown(signatureRequestFields, request)
  refuseUnknown(signatureCompatibilityFields, request.policy, 'policy')
  refuseUnknown(algorithmIdentifierFields, request.algorithm, 'algorithm')
  return verifyRequest(request)
}

/** As {@link verifySignature} for a request that was put together here, so that it has no field that is misspelt. */
export function verifyRequest(request: SignatureRequest): SignatureVerdict {
  try {
    const scheme = signatureScheme(request.algorithm)
    return verifyPrepared(scheme, request)
  } catch (error) {
    if (!isPkiError(error)) throw error
    return { status: error.code === 'algorithm_unavailable' ? 'unavailable' : 'malformed', reason: error.message }
  }
}

/**
 * As {@link verifySignature} for a scheme that is known already, such as CMS's rsaEncryption with a digest algorithm beside it.
 *
 * @throws key_malformed, algorithm_unavailable
 */
export function verifyPrepared(
  scheme: SignatureScheme,
  request: Omit<SignatureRequest, 'algorithm'>,
): SignatureVerdict {
  const { spki, data, signature, policy, keyCache } = request
  const imported = importPublicKey(spki, keyCache)
  const explicitCurve = imported.info.type === 'ec' && imported.info.explicit
  if (explicitCurve && policy?.explicitCurves !== true) {
    return { status: 'malformed', reason: 'explicit EC parameters are not allowed' }
  }
  if (!allowedByKey(scheme, imported)) return { status: 'invalid' }
  const result = verifyWithScheme(scheme, imported.key, data, signature)
  if (result.status === 'invalid' && validWithoutNull(scheme, imported, data, signature, policy)) {
    return { status: 'valid', compatibility: ['rsa-digestinfo-without-null'] }
  }
  return explicitCurve ? { ...result, compatibility: ['explicit-curve-parameters'] } : result
}

function validWithoutNull(
  scheme: SignatureScheme,
  imported: ImportedKey,
  data: Uint8Array,
  signature: Uint8Array,
  policy: SignatureCompatibility | undefined,
): boolean {
  if (policy?.digestInfoWithoutNull !== true || scheme.kind !== 'rsa-pkcs1') return false
  return verifyPkcs1WithoutNull(scheme.hash, imported.key, data, signature)
}

/** Key type, and a PSS key's restrictions: the same hash and mask, a salt no shorter (RFC 4055 §3.3). */
function allowedByKey(scheme: SignatureScheme, { info }: ImportedKey): boolean {
  if (info.type === 'unknown') return false
  if (!schemeAcceptsKeyType(scheme, info.type === 'pure' ? info.keyType : info.type)) return false
  if (scheme.kind !== 'rsa-pss' || (info.type !== 'rsa' && info.type !== 'rsa-pss')) return true
  // RFC 8017 §9.1.1: the encoded message has to hold hash, salt and two octets; emBits is one less than the modulus.
  if (Math.ceil((info.bits - 1) / 8) < hashByName(scheme.hash).size + scheme.saltLength + 2) return false
  const restrictions = info.type === 'rsa-pss' ? info.restrictions : undefined
  return (
    restrictions === undefined ||
    (restrictions.hash === scheme.hash &&
      restrictions.mgfHash === scheme.mgfHash &&
      scheme.saltLength >= restrictions.saltLength)
  )
}
