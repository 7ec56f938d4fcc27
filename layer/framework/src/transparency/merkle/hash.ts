import { createHash } from 'node:crypto'

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const leaf = Uint8Array.of(0x00)
const inner = Uint8Array.of(0x01)

/** RFC 9162 §2.1.1: the prefixes keep leaves and inner nodes apart, so that neither can stand for the other. */
export const hashOfLeaf = (data: Uint8Array): Buffer => sha256(leaf, data)

export const hashOfNode = (left: Uint8Array, right: Uint8Array): Buffer => sha256(inner, left, right)

/** RFC 9162 §2.1.1: the hash of an empty list. */
export const hashOfNothing = (): Buffer => sha256()
