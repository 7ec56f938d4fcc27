import { optionFields } from '../options/option-fields.ts'
/** What one validation may cost. Counted, never timed, so that a verdict does not depend on the machine. */
export interface WorkLimits {
  /** Candidates looked at, names compared, policy nodes made: weighted units of cheap work. Default 250,000. */
  readonly maxSteps: number
  /** Signatures verified, those of CRLs and OCSP responses included. Default 128. */
  readonly maxSignatureChecks: number
  /** Complete paths and dead ends that are described in the verdict; more are counted only. Default 32. */
  readonly maxAttempts: number
}

export const defaultWorkLimits: WorkLimits = Object.freeze({
  maxSteps: 250_000,
  maxSignatureChecks: 128,
  maxAttempts: 32,
})

/** Unwinds to the validator when nothing is left; never leaves it. */
export class BudgetExhausted extends Error {
  readonly resource: 'steps' | 'signatures'

  constructor(resource: 'steps' | 'signatures') {
    super(`the work budget has no ${resource} left`)
    this.resource = resource
  }
}

/** How much has been spent. */
export interface WorkSpent {
  readonly steps: number
  readonly signatureChecks: number
}

/** Counts the work of one validation against its limits. */
export class Budget {
  readonly limits: WorkLimits
  #steps = 0
  #signatures = 0

  constructor(limits?: Partial<WorkLimits>) {
    this.limits = limits === undefined ? defaultWorkLimits : { ...defaultWorkLimits, ...limits }
  }

  get spent(): WorkSpent {
    return { steps: this.#steps, signatureChecks: this.#signatures }
  }

  /** @throws BudgetExhausted */
  spend(steps: number): void {
    this.#steps += steps
    if (this.#steps > this.limits.maxSteps) throw new BudgetExhausted('steps')
  }

  /** Takes one signature check; false when none is left. */
  takeSignature(): boolean {
    if (this.#signatures >= this.limits.maxSignatureChecks) return false
    this.#signatures++
    return true
  }
}

export const workLimitsFields = optionFields<WorkLimits>({ maxSteps: 1, maxSignatureChecks: 1, maxAttempts: 1 })
