import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { bitString, integer, oid, sequence } from '../der/writer.ts'
import { encodePssParameters } from './pss-parameters.ts'
import { type SignatureScheme, schemeAcceptsKeyType } from './signature-scheme.ts'
import type { SignatureResult } from './types.ts'

type PssScheme = Extract<SignatureScheme, { kind: 'rsa-pss' }>

/**
 * Verifies a signature over a message with a key that is imported already: the one place that calls the runtime's
 * verification. Nothing is assumed about where key and scheme come from, so it also serves verifiers outside X.509.
 *
 * Guarantees: never throws; `unavailable` where the runtime lacks the algorithm; a key of another type than the scheme's is
 * `invalid`, never tried.
 */
export function verifyWithScheme(
  scheme: SignatureScheme,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): SignatureResult {
  if (key.type !== 'public') return { status: 'invalid' }
  if (key.asymmetricKeyType === undefined)
    return { status: 'unavailable', reason: 'the runtime has no name for the key type' }
  if (!schemeAcceptsKeyType(scheme, key.asymmetricKeyType)) return { status: 'invalid' }
  if (scheme.kind.startsWith('rsa') && !hasModulusLength(key, signature)) return { status: 'invalid' }
  try {
    return { status: callRuntime(scheme, key, data, signature) ? 'valid' : 'invalid' }
  } catch (error) {
    return classify(error)
  }
}

/** RFC 8017 §8.1.2, §8.2.2, step 1: as many octets as the modulus. For PSS the runtime takes fewer, as if a zero octet led. */
function hasModulusLength(key: KeyObject, signature: Uint8Array): boolean {
  const bits = key.asymmetricKeyDetails?.modulusLength
  return bits === undefined || signature.length === Math.ceil(bits / 8)
}

function callRuntime(scheme: SignatureScheme, key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
      return verify(scheme.hash, data, key, signature)
    case 'rsa-pss':
      return verify(scheme.hash, data, pssOptions(scheme, key), signature)
    case 'ecdsa':
    case 'dsa':
      return verify(scheme.hash, data, scheme.encoding === 'der' ? key : { key, dsaEncoding: 'ieee-p1363' }, signature)
    case 'pure':
      return verify(null, data, scheme.context === undefined ? key : { key, context: scheme.context }, signature)
  }
}

function pssOptions(scheme: PssScheme, key: KeyObject) {
  const { saltLength } = scheme
  const usable = scheme.mgfHash === scheme.hash || key.asymmetricKeyType === 'rsa-pss' ? key : keyWithMask(scheme, key)
  return { key: usable, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
}

/**
 * The runtime takes the mask's hash from the message's hash, and only a key that carries RSASSA-PSS parameters can say
 * otherwise (RFC 4055 §3.1). So the same modulus and exponent are imported once more, with the parameters of the scheme.
 */
function keyWithMask(scheme: PssScheme, key: KeyObject): KeyObject {
  const { n = '', e = '' } = key.export({ format: 'jwk' })
  const parameters = encodePssParameters(scheme)
  const rsaKey = sequence(integer(Buffer.from(n, 'base64url')), integer(Buffer.from(e, 'base64url')))
  const spki = sequence(sequence(oid('1.2.840.113549.1.1.10'), parameters), bitString(rsaKey))
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
}

/** The runtime answers false for a wrong signature; what it throws is about algorithm or key. */
function classify(error: unknown): SignatureResult {
  const code = String((error as { code?: unknown } | null)?.code ?? error)
  const reason = code.toLowerCase()
  const missing = /UNSUPPORTED|NOT_SUPPORTED|INVALID_DIGEST|NOT_ALLOWED|UNKNOWN/.test(code)
  return { status: missing ? 'unavailable' : 'malformed', reason }
}
