import { createHash } from 'node:crypto'
import { optionFields } from '../options/option-fields.ts'
import { bytesEqual } from '../x509/bytes.ts'
import type { DataGroupHash, LdsSecurityObject } from './lds-security-object.ts'

/** A data group as read from the chip: the whole elementary file, tag and length included. */
export interface DataGroup {
  /** 1 to 16. */
  readonly number: number
  readonly content: Uint8Array
}

/**
 * `match`, `mismatch`: presented and compared. `not-signed`: presented, but the security object has no hash for it.
 * `not-presented`: the security object has a hash, and nothing came to compare with it.
 */
export type DataGroupStatus = 'match' | 'mismatch' | 'not-signed' | 'not-presented'

export interface DataGroupResult {
  readonly number: number
  readonly status: DataGroupStatus
}

/**
 * Compares data groups with the hashes of a security object (Doc 9303-11 §5.1). One result per data group that either side
 * names, by number; a data group that is presented twice must match each time.
 */
export function compareDataGroups(
  { hashAlgorithm, dataGroupHashes }: LdsSecurityObject,
  dataGroups: readonly DataGroup[],
): readonly DataGroupResult[] {
  const hashes = dataGroups.map(({ number, content }) => ({
    number,
    hash: createHash(hashAlgorithm.name).update(content).digest(),
  }))
  return compareDataGroupHashes({ dataGroupHashes }, hashes)
}

/** The same for data groups of which the hashes alone are known. */
export function compareDataGroupHashes(
  { dataGroupHashes }: Pick<LdsSecurityObject, 'dataGroupHashes'>,
  dataGroups: readonly DataGroupHash[],
): readonly DataGroupResult[] {
  const numbers = new Set([...dataGroupHashes, ...dataGroups].map(group => group.number))
  return [...numbers]
    .sort((a, b) => a - b)
    .map(number => {
      const signed = dataGroupHashes.find(group => group.number === number)
      const presented = dataGroups.filter(group => group.number === number)
      if (signed === undefined) return { number, status: 'not-signed' }
      if (presented.length === 0) return { number, status: 'not-presented' }
      const matches = presented.every(({ hash }) => bytesEqual(hash, signed.hash))
      return { number, status: matches ? 'match' : 'mismatch' }
    })
}

export const dataGroupFields = optionFields<DataGroup>({ number: 1, content: 1 })
