import { PkiError } from '../errors.ts'
import { parameterFault } from './parameter-rules.ts'
import type { AlgorithmIdentifier } from './types.ts'

export type HashName =
  | 'sha1'
  | 'sha224'
  | 'sha256'
  | 'sha384'
  | 'sha512'
  | 'sha512-224'
  | 'sha512-256'
  | 'sha3-224'
  | 'sha3-256'
  | 'sha3-384'
  | 'sha3-512'

export interface HashAlgorithm {
  /** Also the name under which the runtime knows it. */
  readonly name: HashName
  readonly oid: string
  /** Digest size in bytes. */
  readonly size: number
}

/** The hashes signatures and digests may use (FIPS 180-4, FIPS 202). MD2 and MD5 are left out on purpose: they prove nothing. */
export const hashAlgorithms: readonly HashAlgorithm[] = [
  { name: 'sha1', oid: '1.3.14.3.2.26', size: 20 },
  { name: 'sha224', oid: '2.16.840.1.101.3.4.2.4', size: 28 },
  { name: 'sha256', oid: '2.16.840.1.101.3.4.2.1', size: 32 },
  { name: 'sha384', oid: '2.16.840.1.101.3.4.2.2', size: 48 },
  { name: 'sha512', oid: '2.16.840.1.101.3.4.2.3', size: 64 },
  { name: 'sha512-224', oid: '2.16.840.1.101.3.4.2.5', size: 28 },
  { name: 'sha512-256', oid: '2.16.840.1.101.3.4.2.6', size: 32 },
  { name: 'sha3-224', oid: '2.16.840.1.101.3.4.2.7', size: 28 },
  { name: 'sha3-256', oid: '2.16.840.1.101.3.4.2.8', size: 32 },
  { name: 'sha3-384', oid: '2.16.840.1.101.3.4.2.9', size: 48 },
  { name: 'sha3-512', oid: '2.16.840.1.101.3.4.2.10', size: 64 },
]

const byOid: ReadonlyMap<string, HashAlgorithm> = new Map(hashAlgorithms.map(hash => [hash.oid, hash]))
const byName: ReadonlyMap<string, HashAlgorithm> = new Map(hashAlgorithms.map(hash => [hash.name, hash]))

/**
 * The hash of an object identifier.
 * @throws algorithm_unavailable
 */
export function hashByOid(oid: string): HashAlgorithm {
  const hash = byOid.get(oid)
  if (hash === undefined) throw new PkiError('algorithm_unavailable', `digest ${oid}`, { oid })
  return hash
}

/**
 * The hash of an AlgorithmIdentifier: NULL parameters or none, which say the same.
 * @throws algorithm_unavailable, der_malformed for other parameters
 */
export function hashOfAlgorithm({ oid, parameters }: AlgorithmIdentifier): HashAlgorithm {
  const hash = hashByOid(oid)
  const fault = parameterFault('digest', parameters, 'read')
  if (fault !== undefined) throw new PkiError('der_malformed', `${hash.name} has ${fault}`)
  return hash
}

/** The hash of a name. */
export function hashByName(name: HashName): HashAlgorithm {
  const hash = byName.get(name)
  if (hash === undefined) throw new PkiError('algorithm_unavailable', `digest ${name}`)
  return hash
}
