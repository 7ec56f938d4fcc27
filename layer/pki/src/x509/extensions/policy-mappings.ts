import { readOid } from '../../der/oid.ts'
import type { DerElement } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { expectSequence, sequenceOf } from './expect.ts'

/** One pair of RFC 5280 §4.2.1.5. That neither is anyPolicy is a matter of path validation (§6.1.4 (a)). */
export interface PolicyMapping {
  readonly issuerDomainPolicy: string
  readonly subjectDomainPolicy: string
}

/** @throws der_malformed */
export function decodePolicyMappings(value: DerElement): readonly PolicyMapping[] {
  return sequenceOf(value, element => {
    const reader = expectSequence(element)
    const issuerDomainPolicy = readOid(reader.next(tags.OID))
    const subjectDomainPolicy = readOid(reader.next(tags.OID))
    reader.finish()
    return { issuerDomainPolicy, subjectDomainPolicy }
  })
}
