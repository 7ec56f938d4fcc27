import type { DerElement } from '../../der/reader.ts'
import { contextConstructed, contextPrimitive } from '../../der/tags.ts'
import { readIntegerBytes } from '../../der/values.ts'
import { type GeneralName, readGeneralNames } from '../general-name.ts'
import { expectSequence } from './expect.ts'

/** RFC 5280 §4.2.1.1. */
export interface AuthorityKeyIdentifier {
  readonly keyIdentifier: Uint8Array | undefined
  readonly authorityCertIssuer: readonly GeneralName[] | undefined
  readonly authorityCertSerialNumber: Uint8Array | undefined
}

/** @throws der_malformed, name_malformed */
export function decodeAuthorityKeyIdentifier(value: DerElement): AuthorityKeyIdentifier {
  const reader = expectSequence(value)
  const keyIdentifier = reader.optional(contextPrimitive(0))?.content
  const issuer = reader.optional(contextConstructed(1))
  const serial = reader.optional(contextPrimitive(2))
  reader.finish()
  return {
    keyIdentifier,
    authorityCertIssuer: issuer === undefined ? undefined : readGeneralNames(issuer.children()),
    authorityCertSerialNumber: serial === undefined ? undefined : readIntegerBytes(serial),
  }
}
