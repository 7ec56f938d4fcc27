import { readOid } from '../der/oid.ts'
import { type DerElement, parseDer } from '../der/reader.ts'
import { TAG } from '../der/tags.ts'
import { readBitString, readInteger, readIntegerBytes } from '../der/values.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { readEcCurve } from './ec-parameters.ts'
import type { NamedCurve } from './named-curves.ts'
import { decodePssParameters } from './pss-parameters.ts'
import { signatureAlgorithmByOid } from './signature-algorithms.ts'
import type { PssParameters } from './signature-scheme.ts'

/**
 * What a SubjectPublicKeyInfo says, read without importing the key: what key-size and curve policies ask for.
 * `bits` is the size of the modulus, of the field, or of DSA's p.
 */
export type PublicKeyInfo =
  | { readonly type: 'rsa'; readonly bits: number; readonly exponent: bigint; readonly modulus: Uint8Array }
  | {
      readonly type: 'rsa-pss'
      readonly bits: number
      readonly exponent: bigint
      readonly modulus: Uint8Array
      /** Restrictions of the key (RFC 4055 §3.1): hash and mask as given, salt at least as long. */
      readonly restrictions?: PssParameters
    }
  | {
      readonly type: 'ec'
      readonly bits: number
      readonly curve: NamedCurve
      /** The key spells its curve out instead of naming it. */
      readonly explicit: boolean
      readonly point: Uint8Array
    }
  | {
      readonly type: 'dsa'
      readonly bits: number
      /** The parameters are to be inherited from the issuer (RFC 3279 §2.3.2). `bits` is 0 then. */
      readonly inherits: boolean
    }
  /** Ed25519, Ed448, ML-DSA, SLH-DSA, by the runtime's name. */
  | { readonly type: 'pure'; readonly keyType: string; readonly bits: number }
  | { readonly type: 'unknown'; readonly oid: string }

/** OpenSSL, too, refuses to verify beyond; larger keys only serve to waste time. */
export const MAX_RSA_BITS = 16_384

const ID_RSA = '1.2.840.113549.1.1.1'
const ID_RSASSA_PSS = '1.2.840.113549.1.1.10'
const ID_DSA = '1.2.840.10040.4.1'
const ID_EC = '1.2.840.10045.2.1'

/**
 * Reads a DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) strictly.
 *
 * @throws key_malformed; algorithm_unavailable for a curve or hash outside the tables
 */
export function readPublicKey(spki: Uint8Array): PublicKeyInfo {
  try {
    const fields = parseDer(spki)
    if (fields.tag !== TAG.SEQUENCE) throw malformed('no SEQUENCE')
    const info = fields.children()
    const algorithm = info.next(TAG.SEQUENCE).children()
    const oid = readOid(algorithm.next(TAG.OID))
    const parameters = algorithm.done ? undefined : algorithm.any()
    algorithm.finish()
    const key = readBitString(info.next(TAG.BIT_STRING))
    info.finish()
    if (key.unusedBits !== 0) throw malformed('key is no whole number of octets')
    return readByAlgorithm(oid, parameters, key.bytes)
  } catch (error) {
    if (isPkiError(error, 'der_malformed')) throw new PkiError('key_malformed', error.message, {}, { cause: error })
    throw error
  }
}

function readByAlgorithm(oid: string, parameters: DerElement | undefined, key: Uint8Array): PublicKeyInfo {
  switch (oid) {
    case ID_RSA:
      // RFC 3279 §2.3.1 wants NULL; some issuers leave it out, which says the same.
      if (parameters !== undefined && (parameters.tag !== TAG.NULL || parameters.length !== 0)) {
        throw malformed('rsaEncryption with parameters')
      }
      return { type: 'rsa', ...readRsaKey(key) }
    case ID_RSASSA_PSS:
      if (parameters === undefined) return { type: 'rsa-pss', ...readRsaKey(key) }
      return { type: 'rsa-pss', ...readRsaKey(key), restrictions: decodePssParameters(parameters.raw) }
    case ID_EC:
      return readEcKey(parameters, key)
    case ID_DSA:
      return readDsaKey(parameters, key)
    default:
      return readPureKey(oid, parameters, key)
  }
}

/** RSAPublicKey (RFC 8017 §A.1.1). */
function readRsaKey(key: Uint8Array): { bits: number; exponent: bigint; modulus: Uint8Array } {
  const sequence = parseDer(key)
  if (sequence.tag !== TAG.SEQUENCE) throw malformed('RSA key is no SEQUENCE')
  const fields = sequence.children()
  const signed = readIntegerBytes(fields.next(TAG.INTEGER))
  const exponentElement = fields.next(TAG.INTEGER)
  fields.finish()
  if (((signed[0] ?? 0x80) & 0x80) !== 0) throw malformed('RSA modulus is not positive')
  const modulus = signed[0] === 0 ? signed.subarray(1) : signed
  const bits = bitLength(modulus)
  if (bits > MAX_RSA_BITS) throw malformed(`RSA modulus of ${bits} bits`)
  if (((modulus.at(-1) ?? 0) & 1) === 0) throw malformed('RSA modulus is even')
  // FIPS 186-5 §5.1 bounds e below 2^256; larger ones only make verification slow.
  if (exponentElement.length > 33) throw malformed('RSA exponent is too large')
  const exponent = isF4(exponentElement) ? 65_537n : readInteger(exponentElement)
  if (exponent < 3n || (exponent & 1n) === 0n) throw malformed(`RSA exponent ${exponent}`)
  return { bits, exponent, modulus }
}

/** 65537, the exponent of nearly every key; the others take the long way. */
function isF4({ source, contentStart, length }: DerElement): boolean {
  return length === 3 && source[contentStart] === 1 && source[contentStart + 1] === 0 && source[contentStart + 2] === 1
}

function readEcKey(parameters: DerElement | undefined, point: Uint8Array): PublicKeyInfo {
  if (parameters === undefined) throw malformed('EC key without parameters')
  const { curve, explicit } = readEcCurve(parameters.raw)
  // RFC 5480 §2.2: uncompressed (04) must be supported, compressed (02, 03) may; the hybrid form is not allowed.
  const fieldBytes = Math.ceil(curve.bits / 8)
  const form = point[0]
  const uncompressed = form === 4 && point.length === 1 + 2 * fieldBytes
  const compressed = (form === 2 || form === 3) && point.length === 1 + fieldBytes
  if (!uncompressed && !compressed) throw malformed('EC point of a wrong form or size')
  return { type: 'ec', bits: curve.bits, curve, explicit, point }
}

/** DSA parameters p, q, g or none (RFC 3279 §2.3.2); the key is an INTEGER. */
function readDsaKey(parameters: DerElement | undefined, key: Uint8Array): PublicKeyInfo {
  const y = parseDer(key)
  if (y.tag !== TAG.INTEGER) throw malformed('DSA key is no INTEGER')
  if (parameters === undefined || parameters.tag === TAG.NULL) return { type: 'dsa', bits: 0, inherits: true }
  if (parameters.tag !== TAG.SEQUENCE) throw malformed('DSA parameters are no SEQUENCE')
  const fields = parameters.children()
  const p = readIntegerBytes(fields.next(TAG.INTEGER))
  readIntegerBytes(fields.next(TAG.INTEGER))
  readIntegerBytes(fields.next(TAG.INTEGER))
  fields.finish()
  const bits = bitLength(p[0] === 0 ? p.subarray(1) : p)
  // OpenSSL's bound; beyond it a key only serves to waste time.
  if (bits > 10_000 || ((p[0] ?? 0) & 0x80) !== 0) throw malformed(`DSA p of ${bits} bits`)
  return { type: 'dsa', bits, inherits: false }
}

function readPureKey(oid: string, parameters: DerElement | undefined, key: Uint8Array): PublicKeyInfo {
  const scheme = signatureAlgorithmByOid(oid)?.scheme
  if (scheme?.kind !== 'pure') return { type: 'unknown', oid }
  if (parameters !== undefined) throw malformed(`${scheme.keyType} key with parameters`)
  return { type: 'pure', keyType: scheme.keyType, bits: key.length * 8 }
}

function bitLength(magnitude: Uint8Array): number {
  return magnitude.length === 0 ? 0 : magnitude.length * 8 - Math.clz32(magnitude[0] ?? 0) + 24
}

function malformed(reason: string): PkiError {
  return new PkiError('key_malformed', reason)
}
