import type { DerElement } from '../../der/reader.ts'
import { readString } from '../../der/strings.ts'
import { tags } from '../../der/tags.ts'
import { readSmallInteger } from '../../der/values.ts'
import { PkiError } from '../../errors.ts'
import { expectSequence } from './expect.ts'

/** The document types a DSC may sign, as in the MRZ: `P`, `ID` (Doc 9303-12 §7.1.1.6). */
export interface DocumentTypeList {
  readonly version: number
  readonly types: readonly string[]
}

/** @throws der_malformed */
export function decodeDocumentTypeList(value: DerElement): DocumentTypeList {
  const reader = expectSequence(value)
  const version = readSmallInteger(reader.next(tags.INTEGER))
  const set = reader.next(tags.SET).children()
  reader.finish()
  const types: string[] = []
  while (!set.done) types.push(readString(set.any()))
  if (types.length === 0) throw new PkiError('der_malformed', 'empty list of document types')
  return { version, types }
}
