import { signatureFault } from '../profiles/rules/key-rules.ts'
import { checkRevocation } from '../revocation/check.ts'
import type { CertificateList } from '../revocation/crl.ts'
import type { RevocationEvidence } from '../revocation/evidence.ts'
import type {
  EvidenceSigner,
  RevocationContext,
  RevocationInput,
  RevocationPolicy,
  RevocationResult,
  SignerValidation,
} from '../revocation/types.ts'
import { signatureParameterFault } from '../signature/signature-algorithms.ts'
import type { SignatureRequest, SignatureResult } from '../signature/types.ts'
import { verifyRequest } from '../signature/verify.ts'
import { type Finding, finding } from '../verdict/findings.ts'
import { bytesEqual } from '../x509/bytes.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { Name } from '../x509/name.ts'
import { type Budget, BudgetExhausted } from './budget.ts'
import { type DeadEnd, PathBuilder } from './builder.ts'
import { CertificateChecks, type CertificateFault } from './certificate-checks.ts'
import { NameIndex } from './name-index.ts'
import { type CandidatePath, processPath } from './path-processing.ts'
import { type SignatureSettings, verifyPathSignatures } from './path-signatures.ts'
import type { ValidPolicy } from './policy-graph.ts'
import type { PathSettings } from './settings.ts'
import type { TrustAnchor } from './trust-anchor.ts'

/** How far an attempt came. Each step is taken only when the one before found nothing wrong. */
export type AttemptStage = 'building' | 'processing' | 'signatures' | 'revocation' | 'valid'

/** One path that was tried, or one end where no path could go on. */
export interface Attempt {
  readonly stage: AttemptStage
  readonly anchor: TrustAnchor | null
  /** The target first. */
  readonly path: readonly Certificate[]
  readonly findings: readonly Finding[]
  readonly policies: readonly ValidPolicy[]
  /** By index in the path; undefined where a finding nearer the anchor ended the check. */
  readonly revocation: readonly (RevocationResult | undefined)[]
  /** What verified each certificate of the path; empty before the stage of revocation. */
  readonly keys: readonly Uint8Array[]
}

/** The outcome of a run: the valid attempt, or the one that came furthest. */
export interface RunResult {
  readonly valid: boolean
  readonly best: Attempt | undefined
  readonly attempts: readonly Attempt[]
  /** Attempts beyond the limit of those that are described. */
  readonly omitted: number
  readonly exhausted: 'steps' | 'signatures' | undefined
}

/** What a run and the runs it starts for the signers of evidence share. */
export interface RunInput {
  readonly settings: PathSettings
  readonly anchors: readonly TrustAnchor[]
  readonly intermediates: readonly Certificate[]
  readonly evidence: RevocationEvidence
  readonly revocation: RevocationPolicy
  readonly signatures: SignatureSettings
  readonly budget: Budget
}

const stages: readonly AttemptStage[] = ['building', 'processing', 'signatures', 'revocation', 'valid']

// A CRL signed by a key whose certificate's CRL is signed by another key, and so on: honest hierarchies need two.
const maxSignerDepth = 4

/** One search for a valid path. */
export class ValidationRun {
  readonly #input: RunInput
  readonly #checks: CertificateChecks
  readonly #role: NonNullable<RevocationInput['role']>
  readonly #signers: readonly Certificate[]
  readonly #attempts: Attempt[] = []
  #omitted = 0
  #best: Attempt | undefined
  #candidates: NameIndex<Certificate> | undefined

  /** `signers`: the signers of evidence whose validation led here, outermost first. */
  constructor(
    input: RunInput,
    role: NonNullable<RevocationInput['role']> = 'path',
    signers: readonly Certificate[] = [],
  ) {
    this.#input = input
    this.#role = role
    this.#signers = signers
    this.#checks = new CertificateChecks(input.settings, input.signatures.keyCache)
  }

  /** Never throws for what certificates, CRLs and responses hold. */
  run(target: Certificate): RunResult {
    const { anchors, intermediates, budget } = this.#input
    let exhausted: RunResult['exhausted']
    const ownFaults = this.#checks.faults(target, 'target')
    try {
      const builder = new PathBuilder(anchors, intermediates, this.#checks, budget)
      builder.search(target, {
        // No path makes up for what is wrong with the target itself: one is enough to decide.
        path: candidate => this.#try(candidate) || ownFaults.length > 0,
        deadEnd: end => this.#recordDeadEnd(end, ownFaults),
      })
    } catch (cause) {
      if (!(cause instanceof BudgetExhausted)) throw cause
      exhausted = cause.resource
    }
    const best = this.#best
    return { valid: best?.stage === 'valid', best, attempts: this.#attempts, omitted: this.#omitted, exhausted }
  }

  /** True when the path is valid. */
  #try(candidate: CandidatePath): boolean {
    const { settings, budget, signatures, revocation } = this.#input
    const { anchor, certificates: path } = candidate
    const processed = processPath(candidate, settings, this.#checks, budget)
    const { policies } = processed
    if (processed.findings.length > 0) {
      return this.#record({ ...noOptions, stage: 'processing', anchor, path, findings: processed.findings })
    }
    const { findings, keys } = verifyPathSignatures(candidate, signatures, budget)
    if (hasError(findings)) return this.#record({ ...noOptions, stage: 'signatures', anchor, path, findings })
    if (revocation.mode === 'off') {
      return this.#record({ ...noOptions, stage: 'valid', anchor, path, findings, policies, keys })
    }
    const checked = this.#checkRevocation(candidate, keys)
    const all = [...findings, ...checked.findings]
    const stage = hasError(all) ? 'revocation' : 'valid'
    return this.#record({ stage, anchor, path, findings: all, policies, revocation: checked.results, keys })
  }

  #recordDeadEnd({ certificates, faults }: DeadEnd, ownFaults: readonly CertificateFault[]): void {
    const last = certificates.length - 1
    const findings = faults.map(({ code, message }) => finding(code, last, message))
    if (findings.length === 0) findings.push(finding('no_path', last, 'no certificate and no anchor of its issuer'))
    for (const { code, message } of ownFaults) findings.push(finding(code, 0, message))
    this.#record({ ...noOptions, stage: 'building', anchor: null, path: certificates, findings })
  }

  #record(attempt: Attempt): boolean {
    if (this.#attempts.length < this.#input.budget.limits.maxAttempts || attempt.stage === 'valid') {
      this.#attempts.push(attempt)
    } else {
      this.#omitted++
    }
    if (this.#best === undefined || rank(attempt) > rank(this.#best)) this.#best = attempt
    return attempt.stage === 'valid'
  }

  #checkRevocation(
    { anchor, certificates }: CandidatePath,
    keys: readonly Uint8Array[],
  ): { readonly findings: readonly Finding[]; readonly results: readonly (RevocationResult | undefined)[] } {
    const signers: EvidenceSigner[] = certificates.map((certificate, index) => ({
      subject: certificate.subject,
      spki: keys[index - 1] ?? certificate.subjectPublicKeyInfo.raw,
      certificate,
    }))
    signers.push({
      subject: anchor.name,
      spki: anchor.spki,
      ...(anchor.certificate !== undefined && { certificate: anchor.certificate }),
    })
    const context = this.#revocationContext(anchor)
    const results = new Array<RevocationResult | undefined>(certificates.length).fill(undefined)
    const findings: Finding[] = []
    // From the anchor's side on: a revoked CA makes what it says below worthless.
    for (let index = certificates.length - 1; index >= 0; index--) {
      const result = checkRevocation({
        certificate: certificates[index] as Certificate,
        issuer: signers[index + 1] as EvidenceSigner,
        path: signers.slice(index + 1),
        role: index === 0 ? this.#role : 'path',
        context,
      })
      results[index] = result
      const severity = result.outcome === 'fail' ? 'error' : 'warning'
      for (const { code, clause, message } of result.findings) {
        findings.push({ code, severity, certificate: index, clause, message })
      }
      if (result.outcome === 'fail') break
    }
    return { findings, results }
  }

  #revocationContext(anchor: TrustAnchor): RevocationContext {
    const { settings, evidence, revocation, budget } = this.#input
    return {
      at: settings.at,
      policy: revocation,
      evidence,
      candidates: subject => this.#signerCandidates(subject),
      validateSigner: (certificate, purpose, at) => this.#validateSigner(certificate, purpose, anchor, at),
      // Counted also where a list remembers the outcome: what a validation costs must not depend on those before it.
      verifySignature: (request, list) =>
        budget.takeSignature() ? this.#verify(request, list) : { status: 'exhausted' },
    }
  }

  #verify(request: SignatureRequest, list: CertificateList | undefined): SignatureResult {
    const { settings, signatures } = this.#input
    const { algorithm } = request
    const refused =
      signatureFault(algorithm, settings.profile.signatures) ??
      (settings.conformance ? signatureParameterFault(algorithm, 'conforming') : undefined)
    if (refused !== undefined) return { status: 'malformed', reason: refused }
    const how = { policy: signatures.compatibility, keyCache: signatures.keyCache }
    return list === undefined ? verifyRequest({ ...request, ...how }) : list.signatureVerdict(request.spki, how)
  }

  #signerCandidates(subject: Name): readonly Certificate[] {
    if (this.#candidates === undefined) {
      const { anchors, intermediates } = this.#input
      const all = [...intermediates, ...anchors.flatMap(({ certificate }) => certificate ?? [])]
      this.#candidates = new NameIndex(all, certificate => certificate.subject)
    }
    return [...this.#candidates.exact(subject), ...this.#candidates.similar(subject)]
  }

  /**
   * RFC 5280 §6.3.3 (f): a path of the signer's own, to the same anchor, with revocation of its own. At a moment in the past evidence about
   * the signer is later and may be missing, so that only a revocation by that moment, or of a compromised key, refuses the signer.
   */
  #validateSigner(
    certificate: Certificate,
    purpose: 'crl-issuer' | 'ocsp-responder',
    anchor: TrustAnchor,
    at: number | undefined,
  ): SignerValidation {
    if (this.#signers.length >= maxSignerDepth) return { valid: false, reason: 'evidence about evidence, too deep' }
    if (this.#signers.some(({ der }) => bytesEqual(der, certificate.der))) {
      return { valid: false, reason: 'the evidence about the signer is the signer’s own' }
    }
    const { settings, revocation } = this.#input
    const nested: PathSettings = {
      ...settings,
      at: at ?? settings.at,
      profile: { ...settings.profile, rules: [], purpose: undefined },
      policies: {},
      peers: [],
      purposes: [],
      keyUsage: 0,
      conformance: false,
    }
    const past: RevocationPolicy = { ...revocation, mode: 'soft-fail', laterEvidence: true }
    const policy = at === undefined ? revocation : past
    const input: RunInput = { ...this.#input, settings: nested, anchors: [anchor], revocation: policy }
    const result = new ValidationRun(input, purpose, [...this.#signers, certificate]).run(certificate)
    if (result.exhausted !== undefined) throw new BudgetExhausted(result.exhausted)
    if (result.valid) return { valid: true, spki: certificate.subjectPublicKeyInfo.raw }
    return { valid: false, reason: result.best?.findings.map(({ code }) => code).join(', ') ?? 'no path' }
  }
}

const noOptions: Pick<Attempt, 'policies' | 'revocation' | 'keys'> = Object.freeze({
  policies: [],
  revocation: [],
  keys: [],
})

function hasError(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error')
}

/** The attempt that came furthest, among equals the one with the fewest findings, explains an invalid verdict best. */
function rank({ stage, findings }: Attempt): number {
  return stages.indexOf(stage) * 1000 - Math.min(findings.length, 999)
}
