import { readOid } from '../../der/oid.ts'
import type { DerElement } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { PkiError } from '../../errors.ts'
import { expectSequence, sequenceOf } from './expect.ts'

/** One Attribute of RFC 5280 §4.2.1.8: a type and its values with tag and length. */
export interface DirectoryAttribute {
  readonly type: string
  readonly values: readonly Uint8Array[]
}

/** @throws der_malformed */
export function decodeSubjectDirectoryAttributes(value: DerElement): readonly DirectoryAttribute[] {
  return sequenceOf(value, element => {
    const reader = expectSequence(element)
    const type = readOid(reader.next(tags.OID))
    const set = reader.next(tags.SET).children()
    reader.finish()
    const values: Uint8Array[] = []
    while (!set.done) values.push(set.any().raw)
    if (values.length === 0) throw new PkiError('der_malformed', 'attribute without a value')
    return { type, values }
  })
}
