import type { DerElement } from '../../der/reader.ts'
import { contextConstructed, contextPrimitive } from '../../der/tags.ts'
import { readSmallInteger } from '../../der/values.ts'
import { PkiError } from '../../errors.ts'
import { optionFields } from '../../options/option-fields.ts'
import { type GeneralName, readGeneralName } from '../general-name.ts'
import { expectSequence } from './expect.ts'

/** GeneralSubtree; RFC 5280 §4.2.1.10 wants minimum 0 and no maximum, which path validation checks. */
export interface GeneralSubtree {
  readonly base: GeneralName
  readonly minimum: number
  readonly maximum: number | undefined
}

/** Undefined is an absent field. */
export interface NameConstraints {
  readonly permitted: readonly GeneralSubtree[] | undefined
  readonly excluded: readonly GeneralSubtree[] | undefined
}

/**
 * @throws der_malformed, name_malformed; also for an empty sequence (§4.2.1.10: never) and for subtrees without an element
 */
export function decodeNameConstraints(value: DerElement): NameConstraints {
  const reader = expectSequence(value)
  const permitted = reader.optional(contextConstructed(0))
  const excluded = reader.optional(contextConstructed(1))
  reader.finish()
  if (permitted === undefined && excluded === undefined) throw new PkiError('der_malformed', 'empty NameConstraints')
  return {
    permitted: permitted === undefined ? undefined : readSubtrees(permitted),
    excluded: excluded === undefined ? undefined : readSubtrees(excluded),
  }
}

function readSubtrees(element: DerElement): readonly GeneralSubtree[] {
  const subtrees: GeneralSubtree[] = []
  const reader = element.children()
  while (!reader.done) subtrees.push(readSubtree(reader.any()))
  if (subtrees.length === 0) throw new PkiError('der_malformed', 'empty GeneralSubtrees')
  return subtrees
}

function readSubtree(element: DerElement): GeneralSubtree {
  const reader = expectSequence(element)
  const base = readGeneralName(reader.any())
  const minimum = reader.optional(contextPrimitive(0))
  const maximum = reader.optional(contextPrimitive(1))
  reader.finish()
  const least = minimum === undefined ? 0 : readSmallInteger(minimum)
  if (minimum !== undefined && least === 0) throw new PkiError('der_malformed', 'DEFAULT 0 is encoded')
  return { base, minimum: least, maximum: maximum === undefined ? undefined : readSmallInteger(maximum) }
}

export const nameConstraintsFields = optionFields<NameConstraints>({ permitted: 1, excluded: 1 })

export const generalSubtreeFields = optionFields<GeneralSubtree>({ base: 1, minimum: 1, maximum: 1 })
