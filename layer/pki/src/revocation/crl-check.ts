import { isPkiError } from '../errors.ts'
import type { DistributionPoint } from '../x509/extensions/crl-distribution-points.ts'
import type { CertificateList } from './crl.ts'
import type { CrlEntry } from './crl-entries.ts'
import { pointsToTry } from './crl-points.ts'
import { findCrlProof } from './crl-proof.ts'
import { crlScopeProblem, deltaFits, directoryNames } from './crl-scope.ts'
import { type CrlSignerResult, findCrlSigner, signatureMessages, signatureProblem } from './crl-signer.ts'
import type { EvidenceItem } from './evidence.ts'
import { type RevocationFinding, type RevocationFindingCode, revocationFinding } from './findings.ts'
import { ageRemark, type FreshnessProblem, freshnessProblem, revokedAt } from './freshness.ts'
import { allReasons, type RevocationReason } from './revocation-reason.ts'
import type { RevocationEvidenceReport, RevocationInput } from './types.ts'
import { WorkBudget, WorkExhausted } from './work-budget.ts'

/** What one kind of evidence says about a certificate. */
export interface EvidenceOutcome {
  readonly status: 'good' | 'revoked' | 'undetermined'
  readonly reason?: RevocationReason
  readonly revocationDate?: number
  readonly findings: readonly RevocationFinding[]
  readonly evidence: readonly RevocationEvidenceReport[]
  /** What should be known of evidence that was accepted all the same. */
  readonly remarks?: readonly RevocationFinding[]
}

type Refusal = readonly [code: RevocationFindingCode, message: string]

const freshnessFindings: Readonly<Record<FreshnessProblem, Refusal>> = {
  not_yet_valid: ['crl_not_yet_valid', 'thisUpdate lies ahead'],
  stale: ['crl_stale', 'nextUpdate has passed'],
  no_next_update: ['crl_no_next_update', 'no nextUpdate, and thisUpdate is not of just now'],
  too_old: ['crl_too_old', 'thisUpdate is older than the greatest age'],
}

/**
 * RFC 5280 §6.3.3: processes the CRLs at hand until every reason is covered or the certificate is found revoked. Of CRLs with the same
 * scope the newest comes first. A CRL that fails any step is passed over, with a finding that says which.
 *
 * A certificate that is not found revoked so is looked for in all CRLs at hand, whatever their age: a revocation that is not a hold does not
 * end (§5.3.1), so that an old list that is signed and in scope proves it, and no newer list refutes it.
 */
export function checkCrls(input: RevocationInput): EvidenceOutcome {
  const run = new CrlRun(input)
  try {
    run.process()
  } catch (cause) {
    if (cause instanceof WorkExhausted) run.exhaust()
    else if (isPkiError(cause)) run.refuse('crl_malformed', cause.message)
    else throw cause
  }
  return run.outcome()
}

class CrlRun {
  readonly #input: RevocationInput
  readonly #budget = new WorkBudget()
  readonly #findings: RevocationFinding[] = []
  readonly #evidence: RevocationEvidenceReport[] = []
  readonly #remarks: RevocationFinding[] = []
  readonly #signers = new Map<string, CrlSignerResult>()
  // reasons_mask and cert_status of §6.3.2.
  #covered = 0
  #revoked: CrlEntry | undefined
  #exhausted = false

  constructor(input: RevocationInput) {
    this.#input = input
  }

  process(): void {
    const { certificate, context } = this.#input
    if (context.evidence.crls.length === 0) return
    const { points, refusal, mayShowGood } = pointsToTry(certificate, context.policy.indirectCrls !== false)
    if (mayShowGood) this.#processPoints(points)
    if (!this.#done && refusal !== undefined) this.refuse(...refusal)
    if (this.#revoked === undefined) this.#prove(points)
  }

  #processPoints(points: readonly DistributionPoint[]): void {
    for (const point of points) {
      this.#processPoint(point)
      if (this.#done) return
    }
  }

  get #done(): boolean {
    return this.#revoked !== undefined || this.#covered === allReasons
  }

  #processPoint(point: DistributionPoint): void {
    for (const item of this.#crlsFor(point, 'crlsOf')) {
      this.#budget.spend(1)
      if (item.value.baseCrlNumber === undefined) this.#tryCrl(item, point)
      if (this.#done) return
    }
  }

  /** Newest first: an older list of the same scope may not know of a revocation yet. */
  #crlsFor(point: DistributionPoint, which: 'crlsOf' | 'provingCrlsOf'): readonly EvidenceItem<CertificateList>[] {
    const { certificate, context } = this.#input
    const issuers = point.crlIssuer === undefined ? [certificate.issuer] : directoryNames(point.crlIssuer)
    this.#budget.spend(issuers.length)
    const items = new Set(issuers.flatMap(issuer => context.evidence[which](issuer)))
    return [...items].sort((a, b) => b.value.thisUpdate - a.value.thisUpdate)
  }

  #tryCrl(item: EvidenceItem<CertificateList>, point: DistributionPoint): void {
    try {
      const refusal = this.#processCrl(item, point)
      if (refusal !== undefined) this.refuse(...refusal, item)
    } catch (cause) {
      // One unreadable extension or entry makes this CRL useless, not the others.
      if (!isPkiError(cause)) throw cause
      this.refuse('crl_malformed', cause.message, item)
    }
  }

  #prove(points: readonly DistributionPoint[]): void {
    const found: RevocationFinding[] = []
    const search = {
      input: this.#input,
      budget: this.#budget,
      crlsFor: (point: DistributionPoint) => this.#crlsFor(point, 'provingCrlsOf'),
      signerOf: (item: EvidenceItem<CertificateList>, at?: number) => this.#signerOf(item, at),
    }
    const proof = findCrlProof(points, search, found)
    this.#findings.push(...found)
    // A CRL that lists the certificate and could not be verified leaves open what it proves.
    if (found.some(({ code }) => code === 'revocation_work_exhausted')) this.#exhausted = true
    if (proof === undefined) return
    const { item, entry, age } = proof
    this.#remark(item)
    if (age !== undefined) this.#remarks.push(revocationFinding(...ageRemark('crl', age), 'crl', item.index))
    this.#revoked = entry
    this.#report(item, item.value, 'revoked')
  }

  #processCrl(item: EvidenceItem<CertificateList>, point: DistributionPoint): Refusal | undefined {
    const { value: crl } = item
    const { certificate, context } = this.#input
    if (crl.unknownCriticalExtension !== undefined) {
      return ['crl_unknown_critical_extension', `critical extension ${crl.unknownCriticalExtension}`]
    }
    const scope = crlScopeProblem(crl, certificate, point, context.policy, this.#budget)
    if (scope !== undefined) return [scope.code, scope.message]
    // (d) and (e)
    const interim = (point.reasons ?? allReasons) & (crl.issuingDistributionPoint?.onlySomeReasons ?? allReasons)
    if ((interim & allReasons & ~this.#covered) === 0) {
      return ['crl_reasons_already_covered', 'the CRL covers no reason that is still open']
    }
    const stale = freshnessProblem(crl, context.at, context.policy)
    // (a)(1)(i): a list past its nextUpdate still serves as the base of a current delta.
    if (stale !== undefined && (stale !== 'stale' || this.#deltas(crl).length === 0)) {
      return freshnessFindings[stale]
    }
    const found = this.#signerOf(item)
    if (found.signer === undefined) {
      this.#findings.push(...found.findings)
      return undefined
    }
    const delta = this.#verifiedDelta(crl, found.signer.spki)
    if (stale !== undefined && delta === undefined) return freshnessFindings[stale]
    return this.#search(item, delta, interim & allReasons)
  }

  #signerOf(item: EvidenceItem<CertificateList>, at?: number): CrlSignerResult {
    const key = `${item.index}/${at}`
    let result = this.#signers.get(key)
    if (result === undefined) {
      result = findCrlSigner(item.value, item.index, this.#input, this.#budget, at)
      this.#signers.set(key, result)
    }
    return result
  }

  /** Current delta CRLs that apply to a complete CRL, highest number first. */
  #deltas(complete: CertificateList): readonly EvidenceItem<CertificateList>[] {
    const { evidence, policy, at } = this.#input.context
    if (policy.deltaCrls === false) return []
    const fitting = evidence.crlsOf(complete.issuer).filter(({ value }) => {
      this.#budget.spend(1)
      return (
        deltaFits(value, complete) &&
        value.unknownCriticalExtension === undefined &&
        freshnessProblem(value, at, policy) === undefined
      )
    })
    return fitting.sort((a, b) => ((a.value.crlNumber ?? 0n) < (b.value.crlNumber ?? 0n) ? 1 : -1))
  }

  /** Step (h): the delta's signature is verified with the key of the complete CRL. */
  #verifiedDelta(complete: CertificateList, spki: Uint8Array): EvidenceItem<CertificateList> | undefined {
    for (const item of this.#deltas(complete)) {
      const problem = signatureProblem(item.value, spki, this.#input)
      if (problem !== undefined) {
        this.refuse(problem, `delta CRL: ${signatureMessages[problem]}`, item)
        continue
      }
      try {
        void item.value.entries
        return item
      } catch (cause) {
        if (!isPkiError(cause)) throw cause
        this.refuse('crl_malformed', cause.message, item)
      }
    }
    return undefined
  }

  /** Steps (i) to (l). */
  #search(
    item: EvidenceItem<CertificateList>,
    delta: EvidenceItem<CertificateList> | undefined,
    reasons: number,
  ): Refusal | undefined {
    const { value: crl } = item
    const { certificate, context } = this.#input
    const { serialNumber, issuer } = certificate
    const complete = crl.entries
    const listed = delta?.value.entries?.find(serialNumber, issuer) ?? complete?.find(serialNumber, issuer)
    const entry = listed?.reason === 'removeFromCRL' ? undefined : listed
    const current = delta?.value ?? crl
    if (entry === undefined && this.#mayBeDropped(current)) {
      return ['crl_after_expiry', 'issued after the certificate expired, when entries may be dropped']
    }
    for (const used of delta === undefined ? [item] : [item, delta]) this.#remark(used)
    const revoked = entry !== undefined && revokedAt(entry, context.at, context.policy)
    if (revoked) this.#revoked = entry
    this.#covered |= reasons
    this.#report(item, current, revoked ? 'revoked' : 'good', delta?.index)
    return undefined
  }

  #report(
    { index }: EvidenceItem<CertificateList>,
    { thisUpdate, nextUpdate }: CertificateList,
    status: 'good' | 'revoked',
    deltaIndex?: number,
  ): void {
    this.#evidence.push({
      source: 'crl',
      index,
      status,
      thisUpdate,
      ...(nextUpdate !== undefined && { nextUpdate }),
      ...(deltaIndex !== undefined && { deltaIndex }),
    })
  }

  #remark({ index, value }: EvidenceItem<CertificateList>): void {
    const code = 'crl_signature_algorithms_differ'
    if (value.signatureAlgorithmsMatch || this.#remarks.some(remark => remark.index === index)) return
    this.#remarks.push(revocationFinding(code, signatureMessages[code], 'crl', index))
  }

  /** RFC 5280 §3.3: an entry may leave the list once the certificate has expired, unless expiredCertsOnCRL says otherwise. */
  #mayBeDropped(crl: CertificateList): boolean {
    const { notAfter } = this.#input.certificate
    if (!this.#input.context.policy.laterEvidence || crl.thisUpdate <= notAfter) return false
    return crl.expiredCertsOnCrl === undefined || crl.expiredCertsOnCrl > notAfter
  }

  refuse(code: RevocationFindingCode, message: string, item?: EvidenceItem<CertificateList>): void {
    this.#findings.push(revocationFinding(code, message, 'crl', item?.index))
  }

  /** With work left undone no certificate is good: the CRL that revokes it may be among the rest. */
  exhaust(): void {
    this.#exhausted = true
    this.refuse('revocation_work_exhausted', 'too many names and CRLs to compare')
  }

  outcome(): EvidenceOutcome {
    const evidence = this.#evidence
    const findings = this.#findings
    const remarks = this.#remarks
    if (this.#revoked !== undefined) {
      const { reason, revocationDate } = this.#revoked
      return { status: 'revoked', reason, revocationDate, findings, evidence, remarks }
    }
    if (this.#covered === allReasons && !this.#exhausted) return { status: 'good', findings, evidence, remarks }
    if (this.#covered !== 0 && this.#covered !== allReasons) {
      this.refuse('revocation_reasons_incomplete', 'the CRLs at hand do not cover every reason')
    }
    for (const item of this.#input.context.evidence.crlsOf(this.#input.certificate.issuer)) {
      if (item.value.baseCrlNumber !== undefined && evidence.length === 0) {
        this.refuse('crl_delta_without_base', 'a delta CRL without a complete CRL that it applies to', item)
      }
    }
    return { status: 'undetermined', findings, evidence }
  }
}
