import { isPkiError } from '../errors.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { type IcaoFinding, icaoFinding } from './findings.ts'
import { issuingStateOfDg1 } from './mrz.ts'
import { compareStateOfChain } from './passive-authentication.ts'

/** The issuing State that was asked for, `dg1` and `any` included, and what DG1 names, where it was presented whole. */
interface StatesOfDocument {
  readonly askedState?: string | undefined
  readonly dg1?: { readonly state: string } | { readonly unreadable: string } | undefined
}

/** Doc 9303-11 §5.1.1 calls comparing the countries best practice; without it any State could sign documents of any other. */
export function compareIssuingState(
  { askedState, dg1 }: StatesOfDocument,
  chain: Pick<Verdict, 'path' | 'anchor'>,
): { readonly state?: string; readonly findings: readonly IcaoFinding[] } {
  const severity = askedState === 'any' ? 'warning' : 'error'
  const named = dg1 !== undefined && 'state' in dg1 ? dg1.state : undefined
  const asked = askedState === 'any' || askedState === 'dg1' ? undefined : askedState
  const states = [...new Set([asked, named].filter(state => state !== undefined))]
  // Without an anchor there is no authority to compare; the chain says why.
  const findings = chain.anchor === null ? [] : states.flatMap(state => compareStateOfChain(state, chain, severity))
  if (dg1 !== undefined && 'unreadable' in dg1) {
    findings.push(icaoFinding('issuing_state_unreadable', dg1.unreadable, severity))
  }
  if (states.length === 0 && dg1 === undefined) {
    const missing = askedState === 'dg1' ? 'error' : 'warning'
    const message = 'DG1 was not presented whole: the issuing State was not compared'
    findings.push(icaoFinding('issuing_state_unreadable', message, missing))
  }
  const [state] = states
  return state === undefined ? { findings } : { state, findings }
}

/** What an EF.DG1 names: the State, or why it cannot be read. */
export function stateInDg1(content: Uint8Array): { readonly state: string } | { readonly unreadable: string } {
  try {
    return { state: issuingStateOfDg1(content) }
  } catch (error) {
    if (!isPkiError(error)) throw error
    return { unreadable: error.message.slice(0, 300) }
  }
}
