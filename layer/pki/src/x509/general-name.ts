import { readOid } from '../der/oid.ts'
import type { DerElement, DerReader } from '../der/reader.ts'
import { ia5At } from '../der/strings.ts'
import { contextConstructed, contextPrimitive, tags } from '../der/tags.ts'
import { PkiError } from '../errors.ts'
import { optionFields } from '../options/option-fields.ts'
import { type Name, nameFromElement } from './name.ts'

/** GeneralName (RFC 5280 §4.2.1.6). Text is as encoded: neither case nor form is changed. */
export type GeneralName =
  | { readonly kind: 'otherName'; readonly typeId: string; readonly value: Uint8Array }
  | { readonly kind: 'rfc822Name'; readonly value: string }
  | { readonly kind: 'dNSName'; readonly value: string }
  | { readonly kind: 'x400Address'; readonly value: Uint8Array }
  | { readonly kind: 'directoryName'; readonly value: Name }
  | { readonly kind: 'ediPartyName'; readonly value: Uint8Array }
  | { readonly kind: 'uniformResourceIdentifier'; readonly value: string }
  /** 4 or 16 octets; in a name constraint 8 or 32, address and mask. */
  | { readonly kind: 'iPAddress'; readonly value: Uint8Array }
  | { readonly kind: 'registeredID'; readonly value: string }

export type GeneralNameKind = GeneralName['kind']

/** @throws name_malformed, der_malformed */
export function readGeneralName(element: DerElement): GeneralName {
  switch (element.tag) {
    case contextConstructed(0):
      return readOtherName(element)
    case contextPrimitive(1):
      return { kind: 'rfc822Name', value: ia5Of(element) }
    case contextPrimitive(2):
      return { kind: 'dNSName', value: ia5Of(element) }
    case contextConstructed(3):
      return { kind: 'x400Address', value: element.raw }
    case contextConstructed(4): {
      // Name is a CHOICE, so the tag is explicit even in a module of implicit tags (X.680 §31.2.7).
      const inner = element.children()
      const name = nameFromElement(inner.next(tags.SEQUENCE))
      inner.finish()
      name.assertWellFormed()
      return { kind: 'directoryName', value: name }
    }
    case contextConstructed(5):
      return { kind: 'ediPartyName', value: element.raw }
    case contextPrimitive(6):
      return { kind: 'uniformResourceIdentifier', value: ia5Of(element) }
    case contextPrimitive(7):
      return { kind: 'iPAddress', value: element.content }
    case contextPrimitive(8):
      return { kind: 'registeredID', value: readOid(element) }
    default:
      throw new PkiError('name_malformed', `0x${element.tag.toString(16)} is no tag of a GeneralName`)
  }
}

function ia5Of({ source, contentStart, contentEnd }: DerElement): string {
  return ia5At(source, contentStart, contentEnd)
}

function readOtherName(element: DerElement): GeneralName {
  const inner = element.children()
  const typeId = readOid(inner.next(tags.OID))
  const value = inner.next(contextConstructed(0)).content
  inner.finish()
  return { kind: 'otherName', typeId, value }
}

/** GeneralNames: one or more (RFC 5280 §4.2.1.6), from the reader of the enclosing element. @throws name_malformed, der_malformed */
export function readGeneralNames(reader: DerReader): readonly GeneralName[] {
  const names: GeneralName[] = []
  while (!reader.done) names.push(readGeneralName(reader.any()))
  if (names.length === 0) throw new PkiError('name_malformed', 'empty GeneralNames')
  return names
}

export const generalNameFields = optionFields<Extract<GeneralName, { readonly kind: 'otherName' }>>({
  kind: 1,
  typeId: 1,
  value: 1,
})
