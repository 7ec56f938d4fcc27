import type { DerElement, DerReader } from '../der/reader.ts'
import { contextConstructed, contextPrimitive, tags } from '../der/tags.ts'
import { readBoolean } from '../der/values.ts'
import { PkiError } from '../errors.ts'
import {
  type DistributionPointName,
  readDistributionPointName,
  readReasonFlags,
} from '../x509/extensions/crl-distribution-points.ts'
import { expectSequence } from '../x509/extensions/expect.ts'

/** issuingDistributionPoint (RFC 5280 §5.2.5): which certificates and reasons a CRL covers. */
export interface IssuingDistributionPoint {
  readonly name: DistributionPointName | undefined
  readonly onlyContainsUserCerts: boolean
  readonly onlyContainsCACerts: boolean
  /** A mask of ReasonFlags; undefined covers all reasons. */
  readonly onlySomeReasons: number | undefined
  readonly indirectCrl: boolean
  readonly onlyContainsAttributeCerts: boolean
}

/**
 * @throws der_malformed, name_malformed; crl_malformed for an empty sequence (§5.2.5: never) and for more than one of the flags that
 * exclude each other
 */
export function decodeIssuingDistributionPoint(value: DerElement): IssuingDistributionPoint {
  const reader = expectSequence(value)
  if (reader.done) throw new PkiError('crl_malformed', 'empty issuingDistributionPoint')
  const name = reader.optional(contextConstructed(0))
  const onlyContainsUserCerts = readFlag(reader, 1)
  const onlyContainsCACerts = readFlag(reader, 2)
  const reasons = reader.optional(contextPrimitive(3))
  const indirectCrl = readFlag(reader, 4)
  const onlyContainsAttributeCerts = readFlag(reader, 5)
  reader.finish()
  if (Number(onlyContainsUserCerts) + Number(onlyContainsCACerts) + Number(onlyContainsAttributeCerts) > 1) {
    throw new PkiError('crl_malformed', 'more than one of onlyContainsUserCerts, …CACerts and …AttributeCerts')
  }
  return {
    name: name === undefined ? undefined : readDistributionPointName(name),
    onlyContainsUserCerts,
    onlyContainsCACerts,
    onlySomeReasons: reasons === undefined ? undefined : readReasonFlags(reasons),
    indirectCrl,
    onlyContainsAttributeCerts,
  }
}

function readFlag(reader: DerReader, tag: number): boolean {
  const element = reader.optional(contextPrimitive(tag))
  if (element === undefined) return false
  if (!readBoolean(element.retag(tags.BOOLEAN))) throw new PkiError('der_malformed', 'DEFAULT FALSE is encoded')
  return true
}
