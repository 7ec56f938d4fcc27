import { readOid } from '../der/oid.ts'
import { type DerElement, type DerReader, parseDer } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import { readBitString, readInteger, readOctetString, readSmallInteger } from '../der/values.ts'
import { PkiError } from '../errors.ts'
import { type CurveDomain, curveByOid, type NamedCurve, namedCurves } from './named-curves.ts'

const idPrimeField = '1.2.840.10045.1.1'

export interface EcCurve {
  readonly curve: NamedCurve
  /** The key spells the curve out instead of naming it (X9.62 specifiedCurve). */
  readonly explicit: boolean
}

/**
 * The curve of an EC key's parameters (RFC 5480 §2.1.1, X9.62). Explicit parameters are recognised only where field, a, b,
 * generator, order and cofactor all equal a curve of the table: a curve with a foreign generator makes signatures forgeable
 * (CVE-2020-0601), and arithmetic on free parameters can be made to hang (CVE-2022-0778). Nothing is computed here.
 *
 * @throws key_malformed, algorithm_unavailable for a curve outside the table
 */
export function readEcCurve(parameters: Uint8Array): EcCurve {
  const element = parseDer(parameters)
  if (element.tag === tags.OID) {
    const oid = readOid(element)
    const curve = curveByOid(oid)
    if (curve === undefined) throw new PkiError('algorithm_unavailable', `curve ${oid}`, { oid })
    return { curve, explicit: false }
  }
  // RFC 5480 §2.1.1: implicitCurve (NULL) must not be used.
  if (element.tag !== tags.SEQUENCE) throw new PkiError('key_malformed', 'EC key without a curve')
  return { curve: matchExplicit(element), explicit: true }
}

interface ExplicitDomain {
  readonly p: bigint
  readonly a: bigint
  readonly b: bigint
  readonly n: bigint
  readonly cofactor: bigint
  readonly generator: Uint8Array
}

function matchExplicit(element: DerElement): NamedCurve {
  const found = readSpecified(element.children())
  for (const curve of namedCurves) {
    if (curve.domain !== undefined && equals(found, curve.domain)) return curve
  }
  throw new PkiError('algorithm_unavailable', 'explicit EC parameters that equal no known curve')
}

/** SpecifiedECDomain (X9.62 §C.3, SEC 1 §C.2): version, fieldID, curve, base, order, cofactor OPTIONAL, hash OPTIONAL. */
function readSpecified(fields: DerReader): ExplicitDomain {
  const version = readSmallInteger(fields.next(tags.INTEGER))
  if (version < 1 || version > 3) throw new PkiError('key_malformed', `EC parameters of version ${version}`)
  const p = readPrime(fields.next(tags.SEQUENCE).children())
  const curve = fields.next(tags.SEQUENCE).children()
  const a = unsigned(readOctetString(curve.next(tags.OCTET_STRING)))
  const b = unsigned(readOctetString(curve.next(tags.OCTET_STRING)))
  // The seed only documents how a and b were chosen; a and b themselves are compared.
  const seed = curve.optional(tags.BIT_STRING)
  if (seed !== undefined) readBitString(seed)
  curve.finish()
  const generator = readOctetString(fields.next(tags.OCTET_STRING))
  const n = readInteger(fields.next(tags.INTEGER))
  const cofactor = fields.optional(tags.INTEGER)
  if (!fields.done && fields.peek() !== tags.SEQUENCE)
    throw new PkiError('key_malformed', 'EC parameters with an unknown field')
  fields.optional(tags.SEQUENCE)
  fields.finish()
  // Where it is left out, it follows from field and order (SEC 1 §3.1.1.2.1), which are compared.
  return { p, a, b, n, cofactor: cofactor === undefined ? 1n : readInteger(cofactor), generator }
}

function readPrime(field: DerReader): bigint {
  const type = readOid(field.next(tags.OID))
  if (type !== idPrimeField) throw new PkiError('algorithm_unavailable', `EC field type ${type}`, { oid: type })
  const prime = readInteger(field.next(tags.INTEGER))
  field.finish()
  return prime
}

function equals(found: ExplicitDomain, known: CurveDomain): boolean {
  return (
    found.p === BigInt(`0x${known.p}`) &&
    found.a === BigInt(`0x${known.a}`) &&
    found.b === BigInt(`0x${known.b}`) &&
    found.n === BigInt(`0x${known.n}`) &&
    found.cofactor === 1n &&
    isGenerator(found.generator, known)
  )
}

/** The point in uncompressed (04) or compressed (02, 03 by y's parity) form, SEC 1 §2.3.3. */
function isGenerator(point: Uint8Array, known: CurveDomain): boolean {
  const written = Buffer.from(point.buffer, point.byteOffset, point.byteLength).toString('hex')
  const odd = Number.parseInt(known.gy.slice(-1), 16) % 2 === 1
  return written === `04${known.gx}${known.gy}` || written === `${odd ? '03' : '02'}${known.gx}`
}

function unsigned(octets: Uint8Array): bigint {
  if (octets.length === 0 || octets.length > 80) throw new PkiError('key_malformed', 'EC coefficient of a wrong size')
  return BigInt(`0x${Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('hex')}`)
}
