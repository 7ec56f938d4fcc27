import type { DerElement } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { readNull } from '../../der/values.ts'
import { expectTag } from './expect.ts'

/** Extensions that say something by being there: ocspNoCheck (RFC 6960 §4.2.2.2.1), noRevAvail (RFC 9608 §2), CT poison. @throws der_malformed */
export function decodeNullExtension(value: DerElement): true {
  readNull(expectTag(value, tags.NULL))
  return true
}
