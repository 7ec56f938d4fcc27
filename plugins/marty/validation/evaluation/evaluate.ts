import { type Call, MmfError, type Observability } from '@mmf/framework'
import type { Certificate, RevocationMode, Verdict, WorkLimits } from '@mmf/pki'
import type { Inputs } from '../inputs/inputs.ts'
import type { Settings } from '../settings.ts'
import { createJudge, type Judge } from './judge.ts'

/** A certificate to be judged; bytes where it could not be read, which is a verdict too. */
export interface Candidate {
  readonly target: Certificate | Uint8Array
  readonly inputs: Inputs
}

export interface Evaluated extends Candidate {
  readonly verdict: Verdict
  readonly limits: WorkLimits
}

interface Environment {
  readonly call: Call
  readonly observability: Observability
  readonly limits?: WorkLimits
  readonly help?: Help | undefined
}

/** Has more to judge by, where what there is does not suffice. */
export interface Help {
  /** The same candidate with issuers that were missing; undefined where there are none to be had. */
  withIssuers(candidate: Candidate): Promise<Candidate | undefined>
  /** A path with more evidence of revocation, in the order of `evidenceStages`; undefined where a stage has nothing to ask. */
  withEvidence(path: Evaluated, stage: EvidenceStage): Promise<Candidate | undefined>
}

/**
 * `preferred`: OCSP where a certificate names a responder, since an answer is small and newer than most lists, else its lists. `rest`: lists for
 * what OCSP leaves open, and for who signed its answers.
 */
const evidenceStages = ['preferred', 'rest'] as const
export type EvidenceStage = (typeof evidenceStages)[number]

/**
 * Judges all candidates in two passes, each a span of its own: the path up to an anchor with its signatures, then, where that is valid, the
 * same with revocation. A path that fails without revocation fails with it, so the second pass leaves out what has failed.
 *
 * Between certificates it lets others run and stops when the time of the call is over.
 * @param limits overrides what each may cost: a repetition gets what the original had
 * @throws {MmfError} `deadline_exceeded`
 */
export async function evaluate(
  candidates: readonly Candidate[],
  settings: Settings,
  { call, observability, limits, help }: Environment,
): Promise<readonly Evaluated[]> {
  const judge = createJudge(settings)
  const { tracer } = observability
  const tags = { certificates: candidates.length, profile: settings.profile }
  const paths = await tracer.span(
    'certificate_signature_check',
    { service: 'document_signer', ...tags },
    () => each(candidates, call, candidate => pathOf(judge, candidate, limits, help)),
    call.span,
  )
  const { revocation } = settings
  if (revocation === 'off') return paths
  return tracer.span(
    'revocation_status_check',
    { service: 'certificate_validation', ...tags, mode: revocation },
    () => each(paths, call, path => (path.verdict.valid ? checked(judge, path, revocation, help) : path)),
    call.span,
  )
}

async function pathOf(
  judge: Judge,
  candidate: Candidate,
  limits: WorkLimits | undefined,
  help: Help | undefined,
): Promise<Evaluated> {
  const path = judged(judge, candidate, 'off', limits)
  const more = path.verdict.valid ? undefined : await help?.withIssuers(candidate)
  return more === undefined ? path : judged(judge, more, 'off', path.limits)
}

/** A valid path, with revocation. Addresses that it names are asked only now: a CA that is trusted stands behind them. */
async function checked(
  judge: Judge,
  path: Evaluated,
  mode: RevocationMode,
  help: Help | undefined,
): Promise<Evaluated> {
  let last = judged(judge, path, mode, path.limits)
  for (const stage of evidenceStages) {
    if (help === undefined || !isUndetermined(last)) return last
    const more = await help.withEvidence({ ...path, inputs: last.inputs }, stage)
    if (more !== undefined) last = judged(judge, more, mode, path.limits)
  }
  return last
}

const isUndetermined = ({ verdict }: Evaluated) =>
  verdict.findings.some(({ code }) => code === 'revocation_undetermined')

function judged(judge: Judge, candidate: Candidate, mode: Settings['revocation'], given?: WorkLimits): Evaluated {
  const limits = given ?? judge.limits()
  const { target, inputs } = candidate
  return { target, inputs, limits, verdict: judge.judge(target, inputs, mode, limits) }
}

async function each<T, R>(
  items: readonly T[],
  { signal }: Call,
  work: (item: T) => R | Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  for (const item of items) {
    if (signal.aborted) {
      throw new MmfError('deadline_exceeded', {
        detail: `${results.length} of ${items.length} certificates were judged`,
      })
    }
    results.push(await work(item))
    // Validation is computation without a pause: other requests and the timer of this one get their turn here.
    await new Promise(resume => setImmediate(resume))
  }
  return results
}
