import type { RevocationReason } from './revocation-reason.ts'
import type { RevocationPolicy } from './types.ts'

/** When evidence was made and until when something newer is promised. Milliseconds since 1970 UTC. */
export interface UpdateWindow {
  readonly thisUpdate: number
  readonly nextUpdate: number | undefined
}

export type FreshnessProblem = 'not_yet_valid' | 'stale' | 'no_next_update' | 'too_old'

/** What is wrong with the evidence's times at the moment of validation, if anything (RFC 5280 §6.3.3 (a), RFC 6960 §3.2). */
export function freshnessProblem(
  { thisUpdate, nextUpdate }: UpdateWindow,
  at: number,
  policy: RevocationPolicy,
): FreshnessProblem | undefined {
  const { maximumAgeSeconds, clockSkewSeconds = 0, laterEvidence = false } = policy
  if (thisUpdate > at + clockSkewSeconds * 1000 && !laterEvidence) return 'not_yet_valid'
  if (nextUpdate !== undefined && at > nextUpdate) return 'stale'
  if (maximumAgeSeconds !== undefined && at - thisUpdate > maximumAgeSeconds * 1000) return 'too_old'
  if (nextUpdate === undefined && maximumAgeSeconds === undefined) return 'no_next_update'
  return undefined
}

// A compromised key may sign with any date; that the compromise was noticed later says nothing about when it happened.
const COMPROMISES: ReadonlySet<RevocationReason> = new Set(['keyCompromise', 'cACompromise', 'aACompromise'])

/** True if an entry makes the certificate revoked at the moment of validation; see `laterEvidence`. */
export function revokedAt(
  entry: { readonly revocationDate: number; readonly invalidityDate?: number; readonly reason: RevocationReason },
  at: number,
  policy: RevocationPolicy,
): boolean {
  if (!policy.laterEvidence) return true
  if (entry.invalidityDate !== undefined) return Math.min(entry.invalidityDate, entry.revocationDate) <= at
  return entry.revocationDate <= at || COMPROMISES.has(entry.reason)
}
