import { readOid } from '../der/oid.ts'
import { type DerElement, parseDer } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import { readBitString, readInteger, readIntegerBytes } from '../der/values.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { readEcCurve } from './ec-parameters.ts'
import { assertEcPoint, assertEdwardsPoint, assertMlKemKey } from './key-points.ts'
import { agreementKeyByOid, idDsa, idEc, idRsa, idRsassaPss, keyParameterRule, pureKeyBytes } from './key-tables.ts'
import type { NamedCurve } from './named-curves.ts'
import { parameterFault } from './parameter-rules.ts'
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
export const maxRsaBits = 16_384
/** 10,000 bits and a sign. */
const maxDsaBytes = 1_251

/**
 * Reads a DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) strictly. What is read is a key: a point of its curve, a modulus and an exponent that
 * can be RSA's, octets of the right number. It costs some microseconds; nothing is imported into the runtime.
 *
 * @throws key_malformed; algorithm_unavailable for a curve or hash outside the tables
 */
export function readPublicKey(spki: Uint8Array): PublicKeyInfo {
  try {
    const fields = parseDer(spki)
    if (fields.tag !== tags.SEQUENCE) throw malformed('no SEQUENCE')
    const info = fields.children()
    const algorithm = info.next(tags.SEQUENCE).children()
    const oid = readOid(algorithm.next(tags.OID))
    const parameters = algorithm.done ? undefined : algorithm.any()
    algorithm.finish()
    const key = readBitString(info.next(tags.BIT_STRING))
    info.finish()
    if (key.unusedBits !== 0) throw malformed('key is no whole number of octets')
    const rule = keyParameterRule(oid)
    const fault = rule === undefined ? undefined : parameterFault(rule, parameters?.raw, 'read')
    if (fault !== undefined) throw malformed(`the algorithm of the key has ${fault}`)
    return readByAlgorithm(oid, parameters, key.bytes)
  } catch (error) {
    if (isPkiError(error, 'der_malformed')) throw new PkiError('key_malformed', error.message, {}, { cause: error })
    throw error
  }
}

function readByAlgorithm(oid: string, parameters: DerElement | undefined, key: Uint8Array): PublicKeyInfo {
  switch (oid) {
    case idRsa:
      return { type: 'rsa', ...readRsaKey(key) }
    case idRsassaPss:
      if (parameters === undefined) return { type: 'rsa-pss', ...readRsaKey(key) }
      return { type: 'rsa-pss', ...readRsaKey(key), restrictions: decodePssParameters(parameters.raw) }
    case idEc:
      return readEcKey(parameters, key)
    case idDsa:
      return readDsaKey(parameters, key)
    default:
      return readPureKey(oid, key)
  }
}

/** RSAPublicKey (RFC 8017 §A.1.1). */
function readRsaKey(key: Uint8Array): { bits: number; exponent: bigint; modulus: Uint8Array } {
  const sequence = parseDer(key)
  if (sequence.tag !== tags.SEQUENCE) throw malformed('RSA key is no SEQUENCE')
  const fields = sequence.children()
  const signed = readIntegerBytes(fields.next(tags.INTEGER))
  const exponentElement = fields.next(tags.INTEGER)
  fields.finish()
  if (((signed[0] ?? 0x80) & 0x80) !== 0) throw malformed('RSA modulus is not positive')
  const modulus = signed[0] === 0 ? signed.subarray(1) : signed
  const bits = bitLength(modulus)
  if (bits > maxRsaBits) throw malformed(`RSA modulus of ${bits} bits`)
  if (((modulus.at(-1) ?? 0) & 1) === 0) throw malformed('RSA modulus is even')
  // FIPS 186-5 §5.1 bounds e below 2^256; larger ones only make verification slow.
  if (exponentElement.length > 33) throw malformed('RSA exponent is too large')
  const exponent = isF4(exponentElement) ? 65_537n : readInteger(exponentElement)
  if (exponent < 3n || (exponent & 1n) === 0n) throw malformed(`RSA exponent ${exponent}`)
  // RFC 8017 §3.1: e is less than n.
  if (bits <= 8 * exponentElement.length && exponent >= unsigned(modulus))
    throw malformed('RSA exponent is no less than n')
  return { bits, exponent, modulus }
}

/** 65537, the exponent of nearly every key; the others take the long way. */
function isF4({ source, contentStart, length }: DerElement): boolean {
  return length === 3 && source[contentStart] === 1 && source[contentStart + 1] === 0 && source[contentStart + 2] === 1
}

function readEcKey(parameters: DerElement | undefined, point: Uint8Array): PublicKeyInfo {
  if (parameters === undefined) throw malformed('EC key without parameters')
  const { curve, explicit } = readEcCurve(parameters.raw)
  assertEcPoint(point, curve)
  return { type: 'ec', bits: curve.bits, curve, explicit, point }
}

/** DSA parameters p, q, g or none (RFC 3279 §2.3.2); the key is an INTEGER y. The ranges are those of FIPS 186-4 §4.1. */
function readDsaKey(parameters: DerElement | undefined, key: Uint8Array): PublicKeyInfo {
  const element = parseDer(key)
  if (element.tag !== tags.INTEGER) throw malformed('DSA key is no INTEGER')
  // OpenSSL's bound; beyond it a key only serves to waste time.
  if (element.length > maxDsaBytes) throw malformed(`DSA key of ${element.length} octets`)
  const y = readInteger(element)
  if (y < 2n) throw malformed('DSA key that is no element of its group')
  if (parameters === undefined || parameters.tag === tags.NULL) return { type: 'dsa', bits: 0, inherits: true }
  if (parameters.tag !== tags.SEQUENCE) throw malformed('DSA parameters are no SEQUENCE')
  const fields = parameters.children()
  const [p, q, g] = [fields.next(tags.INTEGER), fields.next(tags.INTEGER), fields.next(tags.INTEGER)].map(
    readDsaNumber,
  ) as [bigint, bigint, bigint]
  fields.finish()
  if ((p & 1n) === 0n || (q & 1n) === 0n || q < 3n || (p - 1n) % q !== 0n) throw malformed('DSA parameters of no group')
  if (g < 2n || g >= p - 1n || y >= p - 1n) throw malformed('DSA key that is no element of its group')
  return { type: 'dsa', bits: p.toString(2).length, inherits: false }
}

function readDsaNumber(element: DerElement): bigint {
  if (element.length > maxDsaBytes) throw malformed(`DSA parameter of ${element.length} octets`)
  return readInteger(element)
}

function readPureKey(oid: string, key: Uint8Array): PublicKeyInfo {
  const agreement = agreementKeyByOid(oid)
  if (agreement !== undefined) {
    if (key.length !== agreement.bytes) throw malformed(`${agreement.name} key of ${key.length} octets`)
    if (agreement.name.startsWith('ml-kem')) assertMlKemKey(key)
    return { type: 'unknown', oid }
  }
  const scheme = signatureAlgorithmByOid(oid)?.scheme
  if (scheme?.kind !== 'pure') return { type: 'unknown', oid }
  if (key.length !== pureKeyBytes(scheme.keyType)) throw malformed(`${scheme.keyType} key of ${key.length} octets`)
  assertEdwardsPoint(key, scheme.keyType)
  return { type: 'pure', keyType: scheme.keyType, bits: key.length * 8 }
}

function unsigned(magnitude: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(magnitude.buffer, magnitude.byteOffset, magnitude.byteLength).toString('hex')}`)
}

function bitLength(magnitude: Uint8Array): number {
  return magnitude.length === 0 ? 0 : magnitude.length * 8 - Math.clz32(magnitude[0] ?? 0) + 24
}

function malformed(reason: string): PkiError {
  return new PkiError('key_malformed', reason)
}
