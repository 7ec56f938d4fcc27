import type { DerElement, DerReader } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { PkiError } from '../../errors.ts'

/** The element itself, if it carries the tag. @throws der_malformed */
export function expectTag(element: DerElement, tag: number): DerElement {
  if (element.tag !== tag) {
    throw new PkiError('der_malformed', `tag 0x${tag.toString(16)} expected, 0x${element.tag.toString(16)} found`)
  }
  return element
}

/** The content of a SEQUENCE. @throws der_malformed */
export function expectSequence(element: DerElement): DerReader {
  return expectTag(element, tags.SEQUENCE).children()
}

/** SEQUENCE SIZE (1..MAX) OF: each element through `read`. @throws der_malformed for an empty one */
export function sequenceOf<T>(element: DerElement, read: (item: DerElement) => T): readonly T[] {
  const reader = expectSequence(element)
  const items: T[] = []
  while (!reader.done) items.push(read(reader.any()))
  if (items.length === 0) throw new PkiError('der_malformed', 'empty SEQUENCE where at least one element is due')
  return items
}
