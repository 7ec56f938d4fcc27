import type { DerElement } from '../../der/reader.ts'
import { contextPrimitive, tags } from '../../der/tags.ts'
import { readSmallInteger } from '../../der/values.ts'
import { PkiError } from '../../errors.ts'
import { expectSequence, expectTag } from './expect.ts'

/** RFC 5280 §4.2.1.11. Numbers of certificates that may follow before the constraint bites. */
export interface PolicyConstraints {
  readonly requireExplicitPolicy: number | undefined
  readonly inhibitPolicyMapping: number | undefined
}

/** @throws der_malformed, also for an empty sequence */
export function decodePolicyConstraints(value: DerElement): PolicyConstraints {
  const reader = expectSequence(value)
  const explicit = reader.optional(contextPrimitive(0))
  const mapping = reader.optional(contextPrimitive(1))
  reader.finish()
  if (explicit === undefined && mapping === undefined) throw new PkiError('der_malformed', 'empty PolicyConstraints')
  return { requireExplicitPolicy: readSkipCerts(explicit), inhibitPolicyMapping: readSkipCerts(mapping) }
}

/** inhibitAnyPolicy (RFC 5280 §4.2.1.14). @throws der_malformed */
export function decodeInhibitAnyPolicy(value: DerElement): number {
  return readSkipCerts(expectTag(value, tags.INTEGER)) as number
}

function readSkipCerts(element: DerElement | undefined): number | undefined {
  if (element === undefined) return undefined
  const skip = readSmallInteger(element)
  if (skip < 0) throw new PkiError('der_malformed', 'negative SkipCerts')
  return skip
}
