import { type Certificate, compareStateOfChain, examineDocument, type IcaoFinding, type Verdict } from '@mmf/pki'
import { sha256Of } from '../inputs/evidence-store.ts'
import type { DocumentInput } from './document-input.ts'
import type { DocumentRecord } from './document-record.ts'

export interface DocumentPart {
  readonly valid: boolean
  readonly findings: readonly IcaoFinding[]
  readonly record: DocumentRecord
}

const statuses = {
  match: 'match',
  mismatch: 'mismatch',
  'not-signed': 'not_signed',
  'not-presented': 'not_checked',
} as const

/** What a travel document adds to the verdict on its signer: the same for the same document, signer and path. */
export function documentPart(
  signer: Certificate | Uint8Array,
  chain: Verdict,
  document: DocumentInput | undefined,
): DocumentPart | undefined {
  if (document === undefined) return undefined
  if (signer instanceof Uint8Array) throw new TypeError('a document signer that was not read')
  const { sod, dataGroups: dataGroupHashes, compatibilities } = document
  const examined = examineDocument({ sod, dataGroupHashes, signer, compatibilities })
  const { state, findings: stateFindings } = comparedState(document, chain)
  const findings = [...examined.findings, ...stateFindings]
  const valid = findings.every(({ severity }) => severity !== 'error')
  const used = chain.findings.flatMap(({ code }) => compatibilityOf[code] ?? [])
  return {
    valid,
    findings,
    record: {
      valid,
      sod: sha256Of(sod),
      securityObject: examined.securityObject,
      dataGroups: examined.dataGroups.map(({ number, status }) => ({ number, status: statuses[status] })),
      issuingState: state ?? null,
      signingTime: examined.signingTime,
      compatibilities: [...new Set([...examined.compatibility, ...used])],
    },
  }
}

/** The compatibility that a chain needed, by the code of its warning. */
const compatibilityOf: Readonly<Record<string, string | undefined>> = {
  signature_compatibility: 'rsa-digestinfo-without-null',
  extension_compatibility: 'lenient-extensions',
}

/** Doc 9303-11 §5.1.1 calls comparing the countries best practice; without it any State could sign documents of any other. */
function comparedState(
  { askedState, dg1 }: DocumentInput,
  chain: Verdict,
): { readonly state?: string; readonly findings: readonly IcaoFinding[] } {
  const severity = askedState === 'any' ? 'warning' : 'error'
  const named = dg1 !== undefined && 'state' in dg1 ? dg1.state : undefined
  const asked = askedState === 'any' || askedState === 'dg1' ? undefined : askedState
  const states = [...new Set([asked, named].filter(state => state !== undefined))]
  // Without an anchor there is no authority to compare; the chain says why.
  const findings = chain.anchor === null ? [] : states.flatMap(state => compareStateOfChain(state, chain, severity))
  if (dg1 !== undefined && 'unreadable' in dg1) findings.push(unreadable(dg1.unreadable, severity))
  if (states.length === 0 && dg1 === undefined) {
    const missing = askedState === 'dg1' ? 'error' : 'warning'
    findings.push(unreadable('DG1 was not presented whole: the issuing State was not compared', missing))
  }
  const [state] = states
  return state === undefined ? { findings } : { state, findings }
}

function unreadable(message: string, severity: 'error' | 'warning'): IcaoFinding {
  const clause = 'ICAO Doc 9303-10 §4.7.1'
  return { code: 'issuing_state_unreadable', severity, certificate: null, clause, message }
}
