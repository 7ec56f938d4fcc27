import { readOid } from '../../der/oid.ts'
import type { DerElement } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { PkiError } from '../../errors.ts'
import { expectSequence, sequenceOf } from './expect.ts'

/** A PolicyQualifierInfo; the qualifier undecoded, for a person to read. */
export interface PolicyQualifier {
  readonly id: string
  readonly qualifier: Uint8Array
}

/** PolicyInformation (RFC 5280 §4.2.1.4). */
export interface PolicyInformation {
  readonly policy: string
  readonly qualifiers: readonly PolicyQualifier[]
}

/** @throws der_malformed, also for a policy that occurs twice */
export function decodeCertificatePolicies(value: DerElement): readonly PolicyInformation[] {
  const policies = sequenceOf(value, readPolicyInformation)
  if (policies.length > 1 && new Set(policies.map(({ policy }) => policy)).size !== policies.length) {
    throw new PkiError('der_malformed', 'a certificate policy occurs twice')
  }
  return policies
}

const nothing: readonly PolicyQualifier[] = Object.freeze([])

function readPolicyInformation(element: DerElement): PolicyInformation {
  const reader = expectSequence(element)
  const policy = readOid(reader.next(tags.OID))
  const list = reader.optional(tags.SEQUENCE)
  reader.finish()
  return { policy, qualifiers: list === undefined ? nothing : sequenceOf(list, readQualifier) }
}

function readQualifier(element: DerElement): PolicyQualifier {
  const reader = expectSequence(element)
  const id = readOid(reader.next(tags.OID))
  const qualifier = reader.any().raw
  reader.finish()
  return { id, qualifier }
}
