import type { WorkSpent } from '../path/budget.ts'
import type { TrustAnchor } from '../path/trust-anchor.ts'
import type { AttemptStage } from '../path/validation-run.ts'
import type { ProfileName } from '../profiles/types.ts'
import type { RevocationReason } from '../revocation/revocation-reason.ts'
import type { RevocationEvidenceReport, RevocationExemption } from '../revocation/types.ts'
import type { Certificate } from '../x509/certificate.ts'
import { displayName } from '../x509/name.ts'
import type { Finding } from './findings.ts'

/** A trust anchor in a verdict: its name as text, and the SHA-256 of its certificate where it has one. Worked out when asked for. */
export class VerdictAnchor {
  readonly #anchor: TrustAnchor

  constructor(anchor: TrustAnchor) {
    this.#anchor = anchor
  }

  get name(): string {
    return displayName(this.#anchor.name)
  }

  get sha256(): string | null {
    return this.#anchor.certificate?.fingerprint ?? null
  }

  toJSON(): { readonly name: string; readonly sha256: string | null } {
    return { name: this.name, sha256: this.sha256 }
  }
}

/** One piece of revocation evidence that was looked at. Times are RFC 3339. */
export interface VerdictRevocation {
  /** Index of the certificate in the path. */
  readonly certificate: number
  /** `exempt`: no evidence is owed (RFC 9608, id-pkix-ocsp-nocheck). */
  readonly source: 'crl' | 'ocsp' | 'exempt'
  /** Position among the CRLs or OCSP responses that were given. */
  readonly index: number | null
  readonly status: RevocationEvidenceReport['status'] | RevocationExemption
  readonly thisUpdate: string | null
  readonly nextUpdate: string | null
  readonly producedAt: string | null
  readonly reason: RevocationReason | null
  readonly revokedAt: string | null
}

/** One path that was tried, and why it was not taken. */
export interface VerdictAttempt {
  readonly stage: AttemptStage
  readonly anchor: VerdictAnchor | null
  readonly path: readonly Certificate[]
  readonly findings: readonly Finding[]
}

/**
 * The answer to a validation. Plain data but for the certificates, which serialise themselves: JSON.stringify gives a stable record.
 */
export interface Verdict {
  readonly valid: boolean
  readonly profile: ProfileName
  /** The moment of validation, RFC 3339 with milliseconds, UTC. */
  readonly at: string
  /** The target first. For an invalid verdict the path that came furthest; empty where the target could not be read. */
  readonly path: readonly Certificate[]
  readonly anchor: VerdictAnchor | null
  /** Errors for an invalid verdict; warnings may stand beside a valid one. */
  readonly findings: readonly Finding[]
  /** The user-constrained-policy-set (RFC 5280 §6.1.6), OIDs; anyPolicy stands for every policy. */
  readonly policies: readonly string[]
  readonly revocation: readonly VerdictRevocation[]
  readonly attempts: readonly VerdictAttempt[]
  /** Attempts that are not described, for there were too many. */
  readonly attemptsOmitted: number
  /** What the validation cost. */
  readonly work: WorkSpent
}
