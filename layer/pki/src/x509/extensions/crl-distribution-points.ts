import type { DerElement } from '../../der/reader.ts'
import { contextConstructed, contextPrimitive, tags } from '../../der/tags.ts'
import { readNamedBits } from '../../der/values.ts'
import { PkiError } from '../../errors.ts'
import { type GeneralName, readGeneralNames } from '../general-name.ts'
import { readRdn } from '../name.ts'
import type { RelativeDistinguishedName } from '../relative-distinguished-name.ts'
import { expectSequence, sequenceOf } from './expect.ts'

/** DistributionPointName (RFC 5280 §4.2.1.13). */
export type DistributionPointName =
  | { readonly kind: 'fullName'; readonly names: readonly GeneralName[] }
  | { readonly kind: 'relativeName'; readonly rdn: RelativeDistinguishedName }

/** DistributionPoint. `reasons` is a mask: bit 1 keyCompromise to bit 8 aACompromise, as ReasonFlags numbers them. */
export interface DistributionPoint {
  readonly name: DistributionPointName | undefined
  readonly reasons: number | undefined
  readonly crlIssuer: readonly GeneralName[] | undefined
}

/** cRLDistributionPoints and freshestCRL (RFC 5280 §4.2.1.13, §4.2.1.15). @throws der_malformed, name_malformed */
export function decodeCrlDistributionPoints(value: DerElement): readonly DistributionPoint[] {
  return sequenceOf(value, readDistributionPoint)
}

function readDistributionPoint(element: DerElement): DistributionPoint {
  const reader = expectSequence(element)
  const name = reader.optional(contextConstructed(0))
  const reasons = reader.optional(contextPrimitive(1))
  const issuer = reader.optional(contextConstructed(2))
  reader.finish()
  if (name === undefined && issuer === undefined) {
    throw new PkiError('der_malformed', 'distribution point with neither name nor cRLIssuer')
  }
  return {
    name: name === undefined ? undefined : readDistributionPointName(name),
    reasons: reasons === undefined ? undefined : readReasonFlags(reasons),
    crlIssuer: issuer === undefined ? undefined : readGeneralNames(issuer.children()),
  }
}

/** The CHOICE within the explicit tag of `[0] distributionPoint`. @throws der_malformed, name_malformed */
export function readDistributionPointName(wrapper: DerElement): DistributionPointName {
  const reader = wrapper.children()
  const choice = reader.any()
  reader.finish()
  if (choice.tag === contextConstructed(0)) return { kind: 'fullName', names: readGeneralNames(choice.children()) }
  if (choice.tag === contextConstructed(1)) return { kind: 'relativeName', rdn: readRdn(choice) }
  throw new PkiError('der_malformed', 'no DistributionPointName')
}

/** ReasonFlags under an implicit tag, as a mask. @throws der_malformed */
export function readReasonFlags(element: DerElement): number {
  return readNamedBits(element.retag(tags.BIT_STRING))
}
