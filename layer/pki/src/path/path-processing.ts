import { oids } from '../der/oid-names.ts'
import { type Finding, finding, type PathFindingCode } from '../verdict/findings.ts'
import { bytesEqual } from '../x509/bytes.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { Budget } from './budget.ts'
import { BudgetExhausted } from './budget.ts'
import { type CertificateChecks, faultOfError } from './certificate-checks.ts'
import { NameConstraintState } from './name-constraints.ts'
import { PolicyGraph, type ValidPolicy } from './policy-graph.ts'
import type { PathSettings } from './settings.ts'
import type { TrustAnchor } from './trust-anchor.ts'

/** A path as the builder found it: names chain, nothing else has been checked. */
export interface CandidatePath {
  readonly anchor: TrustAnchor
  /** The target first, the certificate that the anchor issued last. */
  readonly certificates: readonly Certificate[]
}

/** What the state machine says of a path before any signature is verified. */
export interface PathResult {
  readonly findings: readonly Finding[]
  /** The user-constrained-policy-set; empty as well where the path is invalid. */
  readonly policies: readonly ValidPolicy[]
}

/** The state variables of RFC 5280 §6.1.2 that are not of a signature. */
interface State {
  readonly length: number
  readonly policyGraph: PolicyGraph
  readonly names: NameConstraintState
  explicitPolicy: number
  policyMapping: number
  inhibitAnyPolicy: number
  maxPathLength: number
  intermediates: number
}

/**
 * RFC 5280 §6.1 without its signatures and revocation, which cost more and come later. Every certificate is processed, from the anchor's
 * side on, so that the findings name everything that is wrong with the path.
 * @throws BudgetExhausted
 */
export function processPath(
  path: CandidatePath,
  settings: PathSettings,
  checks: CertificateChecks,
  budget: Budget,
): PathResult {
  const findings: Finding[] = []
  const state = initialize(path, settings, checks, budget, findings)
  for (let index = path.certificates.length - 1; index >= 0; index--) {
    const certificate = path.certificates[index] as Certificate
    budget.spend(10 + certificate.extensions.length)
    const role = index === 0 ? 'target' : 'ca'
    for (const { code, message } of checks.faults(certificate, role)) findings.push(finding(code, index, message))
    guard(findings, index, () => {
      processCertificate(state, certificate, index, findings)
      if (index > 0) prepareForNext(state, certificate, index, settings, findings)
    })
  }
  const policies = wrapUp(state, path, settings, findings)
  return { findings, policies: findings.length === 0 ? policies : [] }
}

/** §6.1.2; an anchor that comes as a certificate is bound by it (RFC 5937 §3.2). */
function initialize(
  { anchor, certificates }: CandidatePath,
  settings: PathSettings,
  checks: CertificateChecks,
  budget: Budget,
  findings: Finding[],
): State {
  const { length } = certificates
  const spend = (steps: number): void => budget.spend(steps)
  const { requireExplicitPolicy, inhibitPolicyMapping, inhibitAnyPolicy } = settings.policies
  const state: State = {
    length,
    policyGraph: new PolicyGraph(spend),
    names: new NameConstraintState(spend),
    explicitPolicy: requireExplicitPolicy === true ? 0 : length + 1,
    policyMapping: inhibitPolicyMapping === true ? 0 : length + 1,
    inhibitAnyPolicy: inhibitAnyPolicy === true ? 0 : length + 1,
    maxPathLength: length,
    intermediates: 0,
  }
  const { certificate, binding } = anchor
  // A certificate that is target and anchor in one issues nothing but itself: what it may issue does not matter.
  const itself =
    length === 1 && certificate?.der !== undefined && bytesEqual(certificate.der, certificates[0]?.der ?? nothing)
  for (const { code, message } of checks.anchorFaults(anchor)) {
    if (!itself || !issuingCodes.has(code)) findings.push(finding(code, length, message))
  }
  guard(findings, length, () => {
    const own = binding.nameConstraints ? certificate?.decode(oids.nameConstraints) : undefined
    for (const constraints of [settings.nameConstraints, anchor.nameConstraints, own]) {
      const fault = constraints === undefined ? undefined : state.names.add(constraints)
      if (fault !== undefined) findings.push(finding(fault.code, length, fault.message))
    }
    const pathLength = binding.basicConstraints ? certificate?.basicConstraints?.pathLength : undefined
    state.maxPathLength = Math.min(length, pathLength ?? length)
    if (certificate !== undefined && binding.policies) bindPolicies(state, certificate, length, findings)
  })
  return state
}

const nothing = new Uint8Array(0)
const issuingCodes: ReadonlySet<PathFindingCode> = new Set(['not_a_ca', 'key_usage_without_cert_sign'])

/**
 * The policy extensions of an anchor's certificate as §6.1.3 (d) and §6.1.4 (a), (b), (i), (j) take those of a CA; one without
 * certificatePolicies says nothing about policies. RFC 5937 §3.2 has the policies meet the user's set instead, which comes to the same
 * but for mappings.
 */
function bindPolicies(state: State, certificate: Certificate, index: number, findings: Finding[]): void {
  const policies = certificate.decode(oids.certificatePolicies)
  if (policies !== undefined) {
    state.policyGraph.addPolicies(policies, state.inhibitAnyPolicy > 0 || certificate.isSelfIssued)
  }
  mapPolicies(state, certificate, (code, message) => void findings.push(finding(code, index, message)))
  limitPolicies(state, certificate)
}

/** §6.1.3 (b) to (f). */
function processCertificate(state: State, certificate: Certificate, index: number, findings: Finding[]): void {
  const last = index === 0
  if (!state.names.isEmpty && (last || !certificate.isSelfIssued)) {
    const fault = state.names.check(certificate)
    if (fault !== undefined) findings.push(finding(fault.code, index, fault.message))
  }
  const policies = certificate.decode(oids.certificatePolicies)
  if (policies === undefined) {
    state.policyGraph.setNull()
  } else {
    const anyAllowed = state.inhibitAnyPolicy > 0 || (!last && certificate.isSelfIssued)
    state.policyGraph.addPolicies(policies, anyAllowed)
  }
  if (state.explicitPolicy === 0 && state.policyGraph.isNull && !has(findings, 'no_valid_policy')) {
    findings.push(finding('no_valid_policy', index, 'a policy is required and none is valid up to here'))
  }
}

/** §6.1.4 (a), (b), (g) to (j), (l), (m); (k), (n) and (o) are rules of the certificate alone. */
function prepareForNext(
  state: State,
  certificate: Certificate,
  index: number,
  settings: PathSettings,
  findings: Finding[],
): void {
  const fail: Fail = (code, message) => void findings.push(finding(code, index, message))
  mapPolicies(state, certificate, fail)
  const constraints = certificate.decode(oids.nameConstraints)
  const fault = constraints === undefined ? undefined : state.names.add(constraints)
  if (fault !== undefined) fail(fault.code, fault.message)
  countDown(state, certificate, settings, fail)
  limitPolicies(state, certificate)
  const pathLength = certificate.basicConstraints?.pathLength
  if (pathLength !== undefined) state.maxPathLength = Math.min(state.maxPathLength, pathLength)
}

type Fail = (code: PathFindingCode, message: string) => void

/** §6.1.4 (a), (b). */
function mapPolicies(state: State, certificate: Certificate, fail: Fail): void {
  const mappings = certificate.decode(oids.policyMappings)
  if (mappings === undefined) return
  for (const { issuerDomainPolicy, subjectDomainPolicy } of mappings) {
    if (issuerDomainPolicy === oids.anyPolicy || subjectDomainPolicy === oids.anyPolicy) {
      fail('policy_mapping_of_any_policy', 'a policy mapping names anyPolicy')
      break
    }
  }
  state.policyGraph.mapPolicies(mappings, state.policyMapping > 0)
}

/** §6.1.4 (i), (j). */
function limitPolicies(state: State, certificate: Certificate): void {
  const limits = certificate.decode(oids.policyConstraints)
  if (limits !== undefined) {
    state.explicitPolicy = Math.min(state.explicitPolicy, limits.requireExplicitPolicy ?? state.explicitPolicy)
    state.policyMapping = Math.min(state.policyMapping, limits.inhibitPolicyMapping ?? state.policyMapping)
  }
  const inhibit = certificate.decode(oids.inhibitAnyPolicy)
  if (inhibit !== undefined) state.inhibitAnyPolicy = Math.min(state.inhibitAnyPolicy, inhibit)
}

/** §6.1.4 (h) and (l): self-issued certificates do not count. */
function countDown(state: State, certificate: Certificate, settings: PathSettings, fail: Fail): void {
  if (certificate.isSelfIssued) return
  if (settings.profile.nameChangeLinks && certificate.extension(oids.nameChange) !== undefined) return
  if (state.explicitPolicy > 0) state.explicitPolicy--
  if (state.policyMapping > 0) state.policyMapping--
  if (state.inhibitAnyPolicy > 0) state.inhibitAnyPolicy--
  if (state.maxPathLength > 0) state.maxPathLength--
  else fail('path_length_exceeded', 'a CA above does not allow this CA below it')
  state.intermediates++
  if (state.intermediates === settings.maxIntermediates + 1) {
    fail('path_too_long', `more than ${settings.maxIntermediates} certificates between target and anchor`)
  }
}

/** §6.1.5 (a), (b), (g). */
function wrapUp(
  state: State,
  { certificates }: CandidatePath,
  settings: PathSettings,
  findings: Finding[],
): readonly ValidPolicy[] {
  const target = certificates[0] as Certificate
  if (state.explicitPolicy > 0) state.explicitPolicy--
  guard(findings, 0, () => {
    if (target.decode(oids.policyConstraints)?.requireExplicitPolicy === 0) state.explicitPolicy = 0
  })
  const { initialPolicySet } = settings.policies
  const any = initialPolicySet === undefined || initialPolicySet.includes(oids.anyPolicy)
  const policies = state.policyGraph.userConstrained(any ? undefined : new Set(initialPolicySet))
  if (state.explicitPolicy === 0 && policies.length === 0) {
    if (!has(findings, 'no_valid_policy'))
      findings.push(finding('no_valid_policy', 0, 'a policy is required and the path is valid for none'))
  }
  return policies
}

function has(findings: readonly Finding[], wanted: PathFindingCode): boolean {
  return findings.some(({ code }) => code === wanted)
}

/** The coded error of a lazy getter becomes a finding, once; every other error goes on. */
function guard(findings: Finding[], index: number, run: () => void): void {
  try {
    run()
  } catch (cause) {
    if (cause instanceof BudgetExhausted) throw cause
    const { code, message } = faultOfError(cause)
    if (!findings.some(other => other.code === code && other.certificate === index && other.message === message)) {
      findings.push(finding(code, index, message))
    }
  }
}
