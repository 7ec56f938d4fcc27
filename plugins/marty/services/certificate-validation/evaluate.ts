import { type Call, MmfError, type Observability } from '@mmf/framework'
import type { Certificate, Verdict, WorkLimits } from '@mmf/pki'
import type { Inputs } from './inputs.ts'
import { createJudge, type Judge } from './judge.ts'
import type { Settings } from './settings.ts'

/** A certificate to be judged; bytes where it could not be read, which is a verdict too. */
export interface Candidate {
  readonly target: Certificate | Uint8Array
  readonly inputs: Inputs
}

export interface Evaluated extends Candidate {
  readonly verdict: Verdict
  readonly limits: WorkLimits
}

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
  { call, observability, limits }: { call: Call; observability: Observability; limits?: WorkLimits },
): Promise<readonly Evaluated[]> {
  const judge = createJudge(settings)
  const { tracer } = observability
  const tags = { certificates: candidates.length, profile: settings.profile }
  const paths = await tracer.span(
    'certificate_signature_check',
    tags,
    () => each(candidates, call, candidate => judged(judge, candidate, 'off', limits)),
    call.span,
  )
  const { revocation } = settings
  if (revocation === 'off') return paths
  return tracer.span(
    'revocation_status_check',
    { ...tags, mode: revocation },
    () =>
      each(paths, call, path => (path.verdict.valid ? judged(judge, path, revocation, limits ?? path.limits) : path)),
    call.span,
  )
}

function judged(judge: Judge, candidate: Candidate, mode: Settings['revocation'], given?: WorkLimits): Evaluated {
  const limits = given ?? judge.limits()
  const { target, inputs } = candidate
  return { target, inputs, limits, verdict: judge.judge(target, inputs, mode, limits) }
}

async function each<T, R>(items: readonly T[], { signal }: Call, work: (item: T) => R): Promise<readonly R[]> {
  const results: R[] = []
  for (const item of items) {
    if (signal.aborted) {
      throw new MmfError('deadline_exceeded', {
        detail: `${results.length} of ${items.length} certificates were judged`,
      })
    }
    results.push(work(item))
    // Validation is computation without a pause: other requests and the timer of this one get their turn here.
    await new Promise(resume => setImmediate(resume))
  }
  return results
}
