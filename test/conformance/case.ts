/** What a suite reports for one case. */
export interface CaseResult {
  id: string
  /** The suite's expectation, such as `valid`, `invalid`, `good`, `revoked`; `acceptable` where upstream allows either verdict. */
  expected: string
  /** The verdict given. Without meaning when `skipped` or `error` is set. */
  got: string
  /** Why: the finding's code, for a person. */
  reason?: string
  /** Milliseconds this case took. */
  elapsedMs: number
  /** Set when a published feature flag of the case names something the profile does not claim: the reason. */
  skipped?: string
  /** Set when something that is not a verdict came out: an exception, an unreadable case. */
  error?: string
}

/** What the runner hands to a suite. */
export interface SuiteOptions {
  /** A file, an archive or a folder. */
  data: string
  profile?: string
  /** Run only the case of this id. */
  only?: string
}

/** A suite module, `suites/<name>.ts`. */
export interface Suite {
  run(options: SuiteOptions): AsyncIterable<CaseResult> | Promise<readonly CaseResult[]>
}

/** A case that differs from its expectation. */
interface Deviation {
  id: string
  expected: string
  got: string
  reason: string
}

/** The runner's answer for one suite. Each case is counted in exactly one of right, falseAccept, falseReject, skipped, hung and errors. */
export interface SuiteReport {
  suite: string
  total: number
  right: number
  falseAccept: number
  falseReject: number
  skipped: number
  hung: number
  errors: number
  slowestMs: number
  slowestId: string
  elapsedMs: number
  deviations: Deviation[]
  /** Why cases were skipped: reason → number of cases. */
  skippedReasons: Record<string, number>
}
