import type { DerElement } from '../../der/reader.ts'
import { contextPrimitive, tags } from '../../der/tags.ts'
import { readGeneralizedTime } from '../../der/time.ts'
import { expectSequence } from './expect.ts'

/** RFC 3280 §4.2.1.4; Doc 9303-12 §7.1.1 requires it in CSCA and DSC. Milliseconds since 1970 UTC. */
export interface PrivateKeyUsagePeriod {
  readonly notBefore: number | undefined
  readonly notAfter: number | undefined
}

/** @throws der_malformed */
export function decodePrivateKeyUsagePeriod(value: DerElement): PrivateKeyUsagePeriod {
  const reader = expectSequence(value)
  const notBefore = reader.optional(contextPrimitive(0))
  const notAfter = reader.optional(contextPrimitive(1))
  reader.finish()
  return { notBefore: readImplicitTime(notBefore), notAfter: readImplicitTime(notAfter) }
}

function readImplicitTime(element: DerElement | undefined): number | undefined {
  return element === undefined ? undefined : readGeneralizedTime(element.retag(tags.GENERALIZED_TIME))
}
