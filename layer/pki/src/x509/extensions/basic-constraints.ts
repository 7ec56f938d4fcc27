import type { DerElement } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { readBoolean, readSmallInteger } from '../../der/values.ts'
import { PkiError } from '../../errors.ts'
import { expectSequence } from './expect.ts'

/** RFC 5280 §4.2.1.9. */
export interface BasicConstraints {
  readonly ca: boolean
  readonly pathLength: number | undefined
}

/** @throws der_malformed, also where the DEFAULT (FALSE) is encoded */
export function decodeBasicConstraints(value: DerElement): BasicConstraints {
  const reader = expectSequence(value)
  const flag = reader.optional(tags.BOOLEAN)
  const ca = flag !== undefined && readBoolean(flag)
  if (flag !== undefined && !ca && !value.rules.ber) throw new PkiError('der_malformed', 'DEFAULT FALSE is encoded')
  const length = reader.optional(tags.INTEGER)
  reader.finish()
  const pathLength = length === undefined ? undefined : readSmallInteger(length)
  if (pathLength !== undefined && pathLength < 0) throw new PkiError('der_malformed', 'negative pathLenConstraint')
  return { ca, pathLength }
}
