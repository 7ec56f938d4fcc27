import { readOid } from '../der/oid.ts'
import { type DerElement, type DerReader, parseDer } from '../der/reader.ts'
import { contextConstructed, tags } from '../der/tags.ts'
import { readNull, readSmallInteger } from '../der/values.ts'
import { explicit, integer, nullValue, oid as oidValue, sequence } from '../der/writer.ts'
import { PkiError } from '../errors.ts'
import { bytesEqual } from '../x509/bytes.ts'
import { type HashName, hashByName, hashByOid } from './hash-algorithms.ts'
import type { PssParameters } from './signature-scheme.ts'

const idMgf1 = '1.2.840.113549.1.1.8'

/** No hash in use yields a longer salt than a key of 16,384 bits could hold. */
const maxSaltLength = 2048

/**
 * RSASSA-PSS-params (RFC 4055 §3.1). Absent fields take the defaults SHA-1, MGF1 with SHA-1, salt 20, trailer 1. A default
 * that is written out is read too, since issuers do so although DER forbids it.
 *
 * @throws der_malformed, algorithm_unavailable (hash or mask generation function)
 */
export function decodePssParameters(der: Uint8Array): PssParameters {
  const element = parseDer(der)
  if (element.tag !== tags.SEQUENCE) throw malformed('RSASSA-PSS parameters are no SEQUENCE')
  const fields = element.children()
  const hash = readTagged(fields, 0, reader => readHash(reader.next(tags.SEQUENCE))) ?? 'sha1'
  const mgfHash = readTagged(fields, 1, readMgf) ?? 'sha1'
  const saltLength = readTagged(fields, 2, reader => readSmallInteger(reader.next(tags.INTEGER))) ?? 20
  const trailer = readTagged(fields, 3, reader => readSmallInteger(reader.next(tags.INTEGER))) ?? 1
  fields.finish()
  if (saltLength < 0 || saltLength > maxSaltLength) throw malformed(`salt length ${saltLength}`)
  // RFC 4055 §3.1: only trailerFieldBC (1) is defined.
  if (trailer !== 1) throw malformed(`trailer field ${trailer}`)
  return { hash, mgfHash, saltLength }
}

/**
 * RSASSA-PSS-params in DER: what equals its DEFAULT is left out. The parameters of the two digests are NULL unless they are to be absent,
 * which says the same (RFC 4055 §2.1).
 */
export function encodePssParameters(
  { hash, mgfHash, saltLength }: PssParameters,
  { hashNull = true, mgfNull = true } = {},
): Uint8Array {
  const digest = (name: HashName, withNull: boolean): Uint8Array =>
    sequence(oidValue(hashByName(name).oid), ...(withNull ? [nullValue()] : []))
  const fields: Uint8Array[] = []
  if (hash !== 'sha1') fields.push(explicit(0, digest(hash, hashNull)))
  if (mgfHash !== 'sha1') fields.push(explicit(1, sequence(oidValue(idMgf1), digest(mgfHash, mgfNull))))
  if (saltLength !== 20) fields.push(explicit(2, integer(saltLength)))
  return sequence(...fields)
}

/** Whether the parameters are in DER, no DEFAULT written out. @throws as decodePssParameters */
export function isDerPss(der: Uint8Array): boolean {
  const parameters = decodePssParameters(der)
  return [true, false].some(hashNull =>
    [true, false].some(mgfNull => bytesEqual(der, encodePssParameters(parameters, { hashNull, mgfNull }))),
  )
}

/**
 * Whether the parameters are one of the three encodings of Baseline Requirements §7.1.3.2.1: SHA-256, SHA-384 or SHA-512, the same in the
 * mask, a salt as long as the digest, each digest with NULL. @throws as decodePssParameters
 */
export function isUsualPss(der: Uint8Array): boolean {
  const parameters = decodePssParameters(der)
  const { hash, mgfHash, saltLength } = parameters
  if (hash !== mgfHash || saltLength !== hashByName(hash).size) return false
  return ['sha256', 'sha384', 'sha512'].includes(hash) && bytesEqual(der, encodePssParameters(parameters))
}

function readTagged<T>(fields: DerReader, tag: number, read: (inner: DerReader) => T): T | undefined {
  const inner = fields.optional(contextConstructed(tag))?.children()
  if (inner === undefined) return undefined
  const value = read(inner)
  inner.finish()
  return value
}

function readMgf(reader: DerReader): HashName {
  const algorithm = reader.next(tags.SEQUENCE).children()
  const oid = readOid(algorithm.next(tags.OID))
  if (oid !== idMgf1) throw new PkiError('algorithm_unavailable', `mask generation function ${oid}`, { oid })
  const hash = readHash(algorithm.next(tags.SEQUENCE))
  algorithm.finish()
  return hash
}

/** RFC 4055 §2.1: parameters NULL or absent, both must be accepted. */
function readHash(element: DerElement): HashName {
  const algorithm = element.children()
  const oid = readOid(algorithm.next(tags.OID))
  const parameters = algorithm.optional(tags.NULL)
  if (parameters !== undefined) readNull(parameters)
  algorithm.finish()
  return hashByOid(oid).name
}

function malformed(reason: string): PkiError {
  return new PkiError('der_malformed', reason)
}
