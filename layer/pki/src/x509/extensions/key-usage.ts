import type { DerElement } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { readNamedBits } from '../../der/values.ts'
import { expectTag } from './expect.ts'

/** The named bits of KeyUsage (RFC 5280 §4.2.1.3) as masks of the decoded number. */
export const keyUsageBit = {
  digitalSignature: 1 << 0,
  contentCommitment: 1 << 1,
  keyEncipherment: 1 << 2,
  dataEncipherment: 1 << 3,
  keyAgreement: 1 << 4,
  keyCertSign: 1 << 5,
  cRLSign: 1 << 6,
  encipherOnly: 1 << 7,
  decipherOnly: 1 << 8,
} as const

export type KeyUsageName = keyof typeof keyUsageBit

/** The usages as a mask of {@link keyUsageBit}. @throws der_malformed */
export function decodeKeyUsage(value: DerElement): number {
  return readNamedBits(expectTag(value, tags.BIT_STRING))
}

/** The names of the bits that are set. */
export function keyUsageNames(mask: number): readonly KeyUsageName[] {
  return (Object.keys(keyUsageBit) as KeyUsageName[]).filter(name => (mask & keyUsageBit[name]) !== 0)
}
