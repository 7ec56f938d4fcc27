import { type DerElement, type DerReader, parseDer } from '../der/reader.ts'
import { readString } from '../der/strings.ts'
import { tags } from '../der/tags.ts'
import { readSmallInteger } from '../der/values.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { type HashAlgorithm, hashOfAlgorithm } from '../signature/hash-algorithms.ts'
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'

/** The hash of one data group, EF.DG1 to EF.DG16. */
export interface DataGroupHash {
  readonly number: number
  readonly hash: Uint8Array
}

/** LDSSecurityObject (ICAO Doc 9303-10 §4.6.2): what an EF.SOD signs. */
export interface LdsSecurityObject {
  readonly version: 0 | 1
  readonly hashAlgorithm: HashAlgorithm
  /** By ascending position in the object; each number occurs once. */
  readonly dataGroupHashes: readonly DataGroupHash[]
  /** Only in version 1. */
  readonly ldsVersion?: string
  readonly unicodeVersion?: string
}

/** ub-DataGroups. */
const maxDataGroups = 16

/**
 * Reads an LDS security object, version 0 or 1, in DER.
 *
 * @throws sod_malformed; algorithm_unavailable for a digest outside the table
 */
export function parseLdsSecurityObject(bytes: Uint8Array): LdsSecurityObject {
  try {
    return read(parseDer(bytes))
  } catch (error) {
    if (!isPkiError(error, 'der_malformed')) throw error
    throw malformed(`LDS security object: ${error.message}`, error)
  }
}

function read(element: DerElement): LdsSecurityObject {
  if (element.tag !== tags.SEQUENCE) throw malformed('LDS security object is no SEQUENCE')
  const fields = element.children()
  const version = readSmallInteger(fields.next(tags.INTEGER))
  if (version !== 0 && version !== 1) throw malformed(`LDS security object of version ${version}`)
  const hashAlgorithm = hashOfAlgorithm(readAlgorithmIdentifier(fields.next(tags.SEQUENCE)))
  const dataGroupHashes = readHashes(fields.next(tags.SEQUENCE).children(), hashAlgorithm)
  const versionInfo = fields.optional(tags.SEQUENCE)
  fields.finish()
  if (versionInfo === undefined) return { version, hashAlgorithm, dataGroupHashes }
  // Doc 9303-10 §4.6.2.1: ldsVersionInfo, if present, makes the version V1.
  if (version !== 1) throw malformed('version information in an LDS security object of version 0')
  return { version, hashAlgorithm, dataGroupHashes, ...readVersionInfo(versionInfo.children()) }
}

function readHashes(reader: DerReader, { name, size }: HashAlgorithm): readonly DataGroupHash[] {
  const hashes: DataGroupHash[] = []
  while (!reader.done) {
    const pair = reader.next(tags.SEQUENCE).children()
    const number = readSmallInteger(pair.next(tags.INTEGER))
    const hash = pair.next(tags.OCTET_STRING).content
    pair.finish()
    if (number < 1 || number > maxDataGroups) throw malformed(`data group ${number}`)
    if (hashes.some(other => other.number === number)) throw malformed(`data group ${number} occurs twice`)
    if (hash.length !== size) throw malformed(`hash of data group ${number} is no ${name}`)
    hashes.push({ number, hash })
  }
  if (hashes.length < 2) throw malformed('fewer than two data groups')
  return hashes
}

function readVersionInfo(fields: DerReader): { ldsVersion: string; unicodeVersion: string } {
  const ldsVersion = readString(fields.next(tags.PRINTABLE_STRING))
  const unicodeVersion = readString(fields.next(tags.PRINTABLE_STRING))
  fields.finish()
  return { ldsVersion, unicodeVersion }
}

function malformed(reason: string, cause?: unknown): PkiError {
  return new PkiError('sod_malformed', reason, {}, cause === undefined ? undefined : { cause })
}
