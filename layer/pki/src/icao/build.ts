import { createHash } from 'node:crypto'
import * as der from '../der/writer.ts'
import { PkiError } from '../errors.ts'
import { optionFields } from '../options/option-fields.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { type HashName, hashByName } from '../signature/hash-algorithms.ts'
import type { DataGroup } from './data-groups.ts'
import { dataGroupFields } from './data-groups.ts'

export interface LdsSecurityObjectInput {
  readonly hash: HashName
  /** Two to sixteen data groups, each number once. They are hashed here. */
  readonly dataGroups: readonly DataGroup[]
  /** Makes a version 1 object. Default: version 0. */
  readonly versionInfo?: { readonly ldsVersion: string; readonly unicodeVersion: string }
}

/**
 * Writes the LDS security object of data groups (ICAO Doc 9303-10 §4.6.2): the content that a document signer signs.
 *
 * @throws argument_invalid for numbers outside 1 to 16, a number twice, or fewer than two data groups
 */
export function buildLdsSecurityObject(input: LdsSecurityObjectInput): Uint8Array {
  const { hash, dataGroups, versionInfo } = input
  refuseUnknown(ldsSecurityObjectInputFields, input)
  refuseUnknown(versionInfoFields, versionInfo, 'versionInfo')
  for (const [index, group] of dataGroups.entries()) refuseUnknown(dataGroupFields, group, `dataGroups.${index}`)
  const numbers = dataGroups.map(group => group.number)
  const inRange = numbers.every(number => Number.isInteger(number) && number >= 1 && number <= 16)
  if (!inRange || numbers.length < 2 || new Set(numbers).size !== numbers.length) {
    throw new PkiError('argument_invalid', 'two to sixteen data groups, numbered 1 to 16, each once')
  }
  const hashes = dataGroups
    .toSorted((a, b) => a.number - b.number)
    .map(({ number, content }) =>
      der.sequence(der.integer(number), der.octetString(createHash(hash).update(content).digest())),
    )
  return der.sequence(
    der.integer(versionInfo === undefined ? 0 : 1),
    der.sequence(der.oid(hashByName(hash).oid)),
    der.sequence(...hashes),
    ...(versionInfo === undefined
      ? []
      : [der.sequence(der.printableString(versionInfo.ldsVersion), der.printableString(versionInfo.unicodeVersion))]),
  )
}

/** Wraps a signed LDS security object as EF.SOD: APPLICATION 23 (Doc 9303-10 §4.6.2). */
export function buildSod(signedData: Uint8Array): Uint8Array {
  return der.application(23, signedData)
}

/** Writes a CscaMasterList (Doc 9303-12): the content that a master list signer signs. */
export function buildMasterList(certificates: readonly Uint8Array[]): Uint8Array {
  return der.sequence(der.integer(0), der.set(...certificates))
}

export const ldsSecurityObjectInputFields = optionFields<LdsSecurityObjectInput>({
  hash: 1,
  dataGroups: 1,
  versionInfo: 1,
})

export const versionInfoFields = optionFields<NonNullable<LdsSecurityObjectInput['versionInfo']>>({
  ldsVersion: 1,
  unicodeVersion: 1,
})
