import { readOid } from '../../der/oid.ts'
import type { DerElement } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { type GeneralName, readGeneralName } from '../general-name.ts'
import { expectSequence, sequenceOf } from './expect.ts'

/** AccessDescription (RFC 5280 §4.2.2.1). */
export interface AccessDescription {
  readonly method: string
  readonly location: GeneralName
}

/** authorityInfoAccess and subjectInfoAccess (RFC 5280 §4.2.2). @throws der_malformed, name_malformed */
export function decodeInformationAccess(value: DerElement): readonly AccessDescription[] {
  return sequenceOf(value, element => {
    const reader = expectSequence(element)
    const method = readOid(reader.next(tags.OID))
    const location = readGeneralName(reader.any())
    reader.finish()
    return { method, location }
  })
}
