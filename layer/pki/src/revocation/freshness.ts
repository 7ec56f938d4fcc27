import type { RevocationFindingCode } from './findings.ts'
import type { RevocationReason } from './revocation-reason.ts'
import type { RevocationPolicy } from './types.ts'

/** When evidence was made and until when something newer is promised. Milliseconds since 1970 UTC. */
export interface UpdateWindow {
  readonly thisUpdate: number
  readonly nextUpdate: number | undefined
}

/** Evidence that is too old to show a certificate good. */
export type AgeProblem = 'stale' | 'no_next_update' | 'too_old'
export type FreshnessProblem = AgeProblem | 'not_yet_valid'

/** Seconds; see `ageWithoutNextUpdateSeconds`. */
const defaultOpenEnded = 300

/** What is wrong with the evidence's times at the moment of validation, if anything (RFC 5280 §6.3.3 (a), RFC 6960 §3.2). */
export function freshnessProblem(
  { thisUpdate, nextUpdate }: UpdateWindow,
  at: number,
  policy: RevocationPolicy,
): FreshnessProblem | undefined {
  const { maximumAgeSeconds, clockSkewSeconds = 0, laterEvidence = false } = policy
  const openEnded =
    policy.ageWithoutNextUpdateSeconds ?? (maximumAgeSeconds === undefined ? defaultOpenEnded : undefined)
  if (thisUpdate > at + clockSkewSeconds * 1000 && !laterEvidence) return 'not_yet_valid'
  if (nextUpdate !== undefined && at > nextUpdate) return 'stale'
  if (maximumAgeSeconds !== undefined && at - thisUpdate > maximumAgeSeconds * 1000) return 'too_old'
  if (nextUpdate === undefined && openEnded !== undefined && at - thisUpdate >= openEnded * 1000)
    return 'no_next_update'
  return undefined
}

/** The finding that names a problem of age, with the words for a piece of evidence that still proves a revocation. */
export function ageRemark(
  source: 'crl' | 'ocsp',
  problem: AgeProblem,
): readonly [code: RevocationFindingCode, message: string] {
  return [`${source}_${problem}`, `the evidence is old (${ageWords[problem]}), but only a hold ends: RFC 5280 §5.3.1`]
}

const ageWords: Readonly<Record<AgeProblem, string>> = {
  stale: 'nextUpdate has passed',
  no_next_update: 'it names no nextUpdate and was not made just now',
  too_old: 'thisUpdate is older than the greatest age',
}

/**
 * True for a revocation that cannot end. Only certificateHold can be lifted, which removeFromCRL says (RFC 5280 §5.3.1), and an entry
 * stays on the list while the certificate is valid (§3.3): so evidence of such a revocation holds whatever its age.
 */
export function isPermanent(reason: RevocationReason): boolean {
  return reason !== 'certificateHold' && reason !== 'removeFromCRL'
}

// A compromised key may sign with any date; that the compromise was noticed later says nothing about when it happened.
const compromises: ReadonlySet<RevocationReason> = new Set(['keyCompromise', 'cACompromise', 'aACompromise'])

/** True if an entry makes the certificate revoked at the moment of validation; see `laterEvidence`. */
export function revokedAt(
  entry: { readonly revocationDate: number; readonly invalidityDate?: number; readonly reason: RevocationReason },
  at: number,
  policy: RevocationPolicy,
): boolean {
  if (!policy.laterEvidence) return true
  if (entry.invalidityDate !== undefined) return Math.min(entry.invalidityDate, entry.revocationDate) <= at
  return entry.revocationDate <= at || compromises.has(entry.reason)
}
