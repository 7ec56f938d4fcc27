import type { DerElement } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { readSmallInteger } from '../../der/values.ts'
import { expectTag, sequenceOf } from './expect.ts'

/** The TLS extensions the server promises (RFC 7633 §4); 5 is status_request, "must staple". @throws der_malformed */
export function decodeTlsFeature(value: DerElement): readonly number[] {
  return sequenceOf(value, element => readSmallInteger(expectTag(element, tags.INTEGER)))
}
