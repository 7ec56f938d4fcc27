import { isPkiError } from '../errors.ts'
import { bytesEqual } from '../x509/bytes.ts'
import { CertIdMatcher } from './cert-id.ts'
import type { EvidenceOutcome } from './crl-check.ts'
import type { EvidenceItem } from './evidence.ts'
import { type RevocationFinding, type RevocationFindingCode, revocationFinding } from './findings.ts'
import {
  type AgeProblem,
  ageRemark,
  type FreshnessProblem,
  freshnessProblem,
  isPermanent,
  revokedAt,
} from './freshness.ts'
import { archiveCutoff, criticalNotUnderstood, responseExtensions } from './ocsp-extensions.ts'
import { readNonce } from './ocsp-request.ts'
import { responderProblem } from './ocsp-responder.ts'
import type { BasicOcspResponse, OcspResponse, OcspSingleResponse } from './ocsp-response.ts'
import type { RevocationEvidenceReport, RevocationInput } from './types.ts'

type Refusal = readonly [code: RevocationFindingCode, message: string]

const freshnessFindings: Readonly<Record<FreshnessProblem, Refusal>> = {
  not_yet_valid: ['ocsp_not_yet_valid', 'thisUpdate lies ahead'],
  stale: ['ocsp_stale', 'nextUpdate has passed'],
  no_next_update: ['ocsp_no_next_update', 'no nextUpdate, no nonce that matches, and thisUpdate is not of just now'],
  too_old: ['ocsp_too_old', 'thisUpdate is older than the greatest age'],
}

/**
 * RFC 6960 §3.2: looks for a response about the certificate that is current and signed by someone who may answer for its issuer. Of several
 * the newest counts, of equally new ones `unknown` before `good`, but one that says revoked always does. A response that fails is passed over,
 * with a finding that says why. One that says revoked, and not on hold, needs no freshness, neither by its times nor by a nonce: such a
 * revocation does not end (RFC 5280 §5.3.1).
 */
export function checkOcsp(input: RevocationInput): EvidenceOutcome {
  const run = new OcspRun(input)
  for (const item of input.context.evidence.ocspResponses) {
    try {
      const refusal = run.process(item)
      if (refusal !== undefined) run.refuse(...refusal, item.index)
    } catch (cause) {
      if (!isPkiError(cause)) throw cause
      run.refuse('ocsp_malformed', cause.message, item.index)
    }
  }
  return run.outcome()
}

interface Answer {
  readonly single: OcspSingleResponse
  readonly index: number
  readonly producedAt: number
  readonly revoked: boolean
  /** Why the answer is too old to show the certificate good, if it is. */
  readonly age: AgeProblem | undefined
}

/** An answer about the certificate, before its signature is verified. */
interface Candidate {
  readonly single: OcspSingleResponse
  readonly age: AgeProblem | undefined
}

class OcspRun {
  readonly #input: RevocationInput
  readonly #findings: RevocationFinding[] = []
  readonly #answers: Answer[] = []
  #matcher: CertIdMatcher | undefined

  constructor(input: RevocationInput) {
    this.#input = input
  }

  process({ index, value }: EvidenceItem<OcspResponse>): Refusal | undefined {
    const { certificate, issuer } = this.#input
    if (value.basic === undefined) {
      return ['ocsp_unsuccessful', `the responder answered ${value.status}`]
    }
    this.#matcher ??= new CertIdMatcher(certificate, issuer.spki)
    const matcher = this.#matcher
    const singles = value.basic.responses.filter(({ certId }) => matcher.matches(certId))
    if (singles.length === 0) {
      return ['ocsp_no_matching_response', 'the response is not about this certificate and issuer']
    }
    const unusable = this.#responseProblem(value.basic)
    if (unusable !== undefined) return unusable
    const nonceFails = this.#input.context.policy.ocspNonce !== undefined && !this.#nonceMatches(value.basic)
    const asked = nonceFails ? singles.filter(single => this.#isPermanent(single)) : singles
    if (asked.length === 0) return ['ocsp_nonce_mismatch', 'the response does not repeat the nonce of the request']
    const usable = this.#usable(asked, value.basic, index)
    if (usable.length > 0) this.#verify(usable, value.basic, index)
    return undefined
  }

  /** A revocation also counts by a responder that was valid when it answered: that its certificate has expired since does not undo it. */
  #verify(usable: readonly Candidate[], basic: BasicOcspResponse, index: number): void {
    const problems = responderProblem(basic, index, this.#input)
    if (problems === undefined) {
      for (const candidate of usable) this.#take(candidate, index, basic.producedAt)
      return
    }
    this.#findings.push(...problems)
    const proofs = usable.filter(({ single }) => this.#isPermanent(single))
    if (proofs.length === 0 || !problems.some(({ code }) => code === 'ocsp_responder_invalid')) return
    if (responderProblem(basic, index, this.#input, basic.producedAt) !== undefined) return
    for (const proof of proofs) this.#take(proof, index, basic.producedAt)
  }

  #isPermanent({ status, reason = 'unspecified', revocationTime = 0 }: OcspSingleResponse): boolean {
    const { at, policy } = this.#input.context
    return (
      status === 'revoked' && isPermanent(reason) && revokedAt({ revocationDate: revocationTime, reason }, at, policy)
    )
  }

  #responseProblem(basic: BasicOcspResponse): Refusal | undefined {
    const { at, policy } = this.#input.context
    const unknown = criticalNotUnderstood(basic.extensions, responseExtensions)
    if (unknown !== undefined)
      return ['ocsp_unknown_critical_extension', `critical extension ${unknown} is not understood`]
    if (!policy.laterEvidence && basic.producedAt > at + (policy.clockSkewSeconds ?? 0) * 1000) {
      return ['ocsp_produced_in_future', 'producedAt lies ahead']
    }
    return undefined
  }

  #nonceMatches(basic: BasicOcspResponse): boolean {
    const wanted = this.#input.context.policy.ocspNonce
    const nonce = readNonce(basic.extensions)
    return wanted !== undefined && nonce !== undefined && bytesEqual(nonce, wanted)
  }

  /** The answers that are current, or say something that needs not be. */
  #usable(singles: readonly OcspSingleResponse[], basic: BasicOcspResponse, index: number): readonly Candidate[] {
    const { at, policy } = this.#input.context
    return singles.flatMap((single): readonly Candidate[] => {
      const unknown = criticalNotUnderstood(single.extensions, responseExtensions)
      if (unknown !== undefined) {
        this.refuse('ocsp_unknown_critical_extension', `critical extension ${unknown} is not understood`, index)
        return []
      }
      const problem = freshnessProblem(single, at, policy)
      // Without nextUpdate newer information is always to be had (RFC 6960 §4.2.2.1): an answer to our own nonce is the newest.
      if (problem === undefined || (problem === 'no_next_update' && this.#nonceMatches(basic))) {
        return [{ single, age: undefined }]
      }
      if (problem !== 'not_yet_valid' && this.#isPermanent(single)) return [{ single, age: problem }]
      this.refuse(...freshnessFindings[problem], index)
      return []
    })
  }

  #take({ single, age }: Candidate, index: number, producedAt: number): void {
    const { at, policy } = this.#input.context
    const { revocationTime, reason = 'unspecified' } = single
    const revoked =
      single.status === 'revoked' && revokedAt({ revocationDate: revocationTime ?? 0, reason }, at, policy)
    if (single.status !== 'revoked' && producedAt < this.#input.certificate.notBefore) {
      this.refuse('ocsp_produced_too_early', 'the response is older than the certificate', index)
      return
    }
    if (single.status !== 'revoked' && this.#isAfterExpiry(single)) {
      this.refuse('ocsp_after_expiry', 'the responder answers after expiry without an archive cutoff', index)
      return
    }
    this.#answers.push({ single, index, producedAt, revoked, age })
  }

  /**
   * RFC 6960 §4.4.4: a responder that keeps revocation information past expiry says so by an archive cutoff. It speaks of the certificates that
   * expired at the cutoff or after it.
   */
  #isAfterExpiry(single: OcspSingleResponse): boolean {
    const { notAfter } = this.#input.certificate
    if (!this.#input.context.policy.laterEvidence || single.thisUpdate <= notAfter) return false
    const cutoff = archiveCutoff(single.extensions)
    return cutoff === undefined || cutoff > notAfter
  }

  refuse(code: RevocationFindingCode, message: string, index: number): void {
    this.#findings.push(revocationFinding(code, message, 'ocsp', index))
  }

  outcome(): EvidenceOutcome {
    const evidence = this.#answers.map(report)
    const findings = this.#findings
    const revocations = this.#answers.filter(answer => answer.revoked)
    const revoked = revocations.find(({ age }) => age === undefined) ?? revocations[0]
    if (revoked !== undefined) {
      const { single, age, index } = revoked
      const { revocationTime, reason = 'unspecified' } = single
      const remarks = age === undefined ? [] : [revocationFinding(...ageRemark('ocsp', age), 'ocsp', index)]
      const date = revocationTime === undefined ? {} : { revocationDate: revocationTime }
      return { status: 'revoked', reason, ...date, findings, evidence, remarks }
    }
    const newest = this.#answers.toSorted((a, b) => b.single.thisUpdate - a.single.thisUpdate || unknownFirst(a, b))[0]
    if (newest !== undefined && newest.single.status !== 'unknown') return { status: 'good', findings, evidence }
    if (newest !== undefined)
      this.refuse('ocsp_status_unknown', 'the responder does not know the certificate', newest.index)
    return { status: 'undetermined', findings, evidence }
  }
}

function unknownFirst(a: Answer, b: Answer): number {
  return Number(b.single.status === 'unknown') - Number(a.single.status === 'unknown')
}

function report({ single, index, producedAt, revoked }: Answer): RevocationEvidenceReport {
  return {
    source: 'ocsp',
    index,
    status: revoked ? 'revoked' : single.status === 'unknown' ? 'unknown' : 'good',
    thisUpdate: single.thisUpdate,
    producedAt,
    ...(single.nextUpdate !== undefined && { nextUpdate: single.nextUpdate }),
  }
}
