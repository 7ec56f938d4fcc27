import type { Sod } from './sod.ts'

/** What a verdict says of the security object of a document. */
export interface SecurityObjectSummary {
  readonly version: 0 | 1
  readonly hashAlgorithm: string
  readonly ldsVersion: string | null
  readonly unicodeVersion: string | null
}

export function summaryOf({ securityObject }: Sod): SecurityObjectSummary {
  const { version, hashAlgorithm, ldsVersion = null, unicodeVersion = null } = securityObject
  return { version, hashAlgorithm: hashAlgorithm.name, ldsVersion, unicodeVersion }
}
