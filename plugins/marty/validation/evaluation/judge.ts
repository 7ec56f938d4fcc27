import { defined } from '@mmf/framework'
import {
  type Certificate,
  createKeyCache,
  createSignatureMemo,
  defaultWorkLimits,
  type RevocationMode,
  type SignatureMemo,
  type Verdict,
  validateCertificate,
  type WorkLimits,
  type WorkSpent,
} from '@mmf/pki'
import type { Inputs } from '../inputs/inputs.ts'
import { revocationPolicy, type Settings } from '../settings.ts'
import { borrowingMemo } from './borrowing-memo.ts'

/** What all validations of one call may cost together. A thousand honest certificates need a hundredth of it. */
const callLimits = { steps: 5_000_000, signatureChecks: 10_000 } as const

/** Judges certificates one after the other; they share imported keys, verified signatures and a budget. */
export interface Judge {
  /** What the next certificate may cost. */
  limits(): WorkLimits
  /**
   * The verdict that the certificate would get by itself, with what that costs, whatever was judged before it.
   * @throws {PkiError} `argument_invalid` where the settings contradict each other
   */
  judge(target: Certificate | Uint8Array, inputs: Inputs, mode: RevocationMode, limits: WorkLimits): Verdict
}

export function createJudge(settings: Settings): Judge {
  const keyCache = createKeyCache()
  const known = createSignatureMemo()
  const { profile, at, hostName, policies, compatibilities } = settings
  let stepsLeft: number = callLimits.steps
  let checksLeft: number = callLimits.signatureChecks

  function spend({ steps, signatureChecks }: WorkSpent): void {
    stepsLeft = Math.max(0, stepsLeft - steps)
    checksLeft = Math.max(0, checksLeft - signatureChecks)
  }

  function validate(
    target: Certificate | Uint8Array,
    inputs: Inputs,
    mode: RevocationMode,
    limits: WorkLimits,
    signatureMemo: SignatureMemo,
  ): Verdict {
    const verdict = validateCertificate({
      target,
      intermediates: inputs.intermediates,
      anchors: inputs.anchors,
      profile,
      time: at,
      revocation: revocationPolicy(settings, mode),
      ...(mode === 'off' ? {} : { evidence: inputs.evidence }),
      ...defined({ serverName: hostName, policies, compatibilities }),
      limits,
      keyCache,
      signatureMemo,
    })
    spend(verdict.work)
    return verdict
  }

  return {
    limits: () => ({
      maxSteps: Math.min(defaultWorkLimits.maxSteps, stepsLeft),
      maxSignatureChecks: Math.min(defaultWorkLimits.maxSignatureChecks, checksLeft),
      maxAttempts: defaultWorkLimits.maxAttempts,
    }),
    judge(target, inputs, mode, limits) {
      const memo = borrowingMemo(known)
      const verdict = validate(target, inputs, mode, limits, memo)
      const signatureChecks = verdict.work.signatureChecks + memo.borrowed
      if (signatureChecks <= limits.maxSignatureChecks) {
        return { ...verdict, work: { steps: verdict.work.steps, signatureChecks } }
      }
      // With borrowed signatures it came further than its limit allows: alone it would have stopped, and so it must when it is repeated.
      return validate(target, inputs, mode, limits, createSignatureMemo())
    },
  }
}
