import { MmfError } from '../errors/mmf-error.ts'
import { encodeEcdsaSignature, fixedEcdsaSignature, parseEcdsaSignature } from './ecdsa-der.ts'
import { keySpecs } from './key-specs.ts'
import { type SigningAlgorithmName, signingAlgorithm, signingAlgorithmNames } from './signing-algorithms.ts'

/**
 * How the two numbers of an ECDSA signature are written: `der` as X.509 and CMS do (RFC 3279 §2.2.3), `p1363` as R ‖ S of fixed width, as JOSE,
 * COSE and WebCrypto do (IEEE P1363, RFC 7518 §3.4). Signatures of other algorithms have one form only.
 */
export const signatureFormats = ['der', 'p1363'] as const
export type SignatureFormat = (typeof signatureFormats)[number]

/** @throws {MmfError} `signature_format_not_supported` when a form is named for an algorithm that has no choice of form */
export function checkSignatureFormat(algorithm: SigningAlgorithmName, format: SignatureFormat | undefined): void {
  if (format === undefined || isEcdsa(algorithm)) return
  const choice = signingAlgorithmNames.filter(isEcdsa).join(', ')
  throw new MmfError('signature_format_not_supported', {
    detail: `signatureFormat: "${format}"; ${algorithm} has one form only; with a choice of form there are ${choice}`,
  })
}

/** A DER signature in the form that was asked for. */
export function inFormat(algorithm: SigningAlgorithmName, der: Uint8Array, format: SignatureFormat): Uint8Array {
  if (format === 'der') return der
  const numbers = parseEcdsaSignature(der)
  const fixed = numbers && fixedEcdsaSignature(numbers, coordinateBytes(algorithm))
  // Both providers answer strict DER; anything else must not leave as a signature.
  if (fixed === undefined)
    throw new MmfError('key_service_refused', { detail: `no ${algorithm} signature was answered` })
  return fixed
}

/** A signature in the named form as DER; undefined when it does not have that form (P1363: exactly twice the width of the curve). */
export function derOf(
  algorithm: SigningAlgorithmName,
  signature: Uint8Array,
  format: SignatureFormat,
): Uint8Array | undefined {
  if (format === 'der') return signature
  return signature.length === 2 * coordinateBytes(algorithm) ? encodeEcdsaSignature(signature) : undefined
}

const isEcdsa = (algorithm: SigningAlgorithmName): boolean => signingAlgorithm(algorithm).scheme === 'ecdsa'

function coordinateBytes(algorithm: SigningAlgorithmName): number {
  const spec = keySpecs[signingAlgorithm(algorithm).keySpec]
  return spec.type === 'ec' ? spec.coordinateBytes : 0
}
