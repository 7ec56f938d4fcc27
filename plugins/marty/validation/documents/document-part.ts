import {
  type Certificate,
  compareIssuingState,
  examineDocument,
  type IcaoFinding,
  type Verdict,
  verifyActiveAuthentication,
} from '@mmf/pki'
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
  const { sod, dataGroups: dataGroupHashes, compatibilities, activeAuthentication } = document
  const examined = examineDocument({ sod, dataGroupHashes, signer, compatibilities })
  const { state, findings: stateFindings } = compareIssuingState(document, chain)
  const chip = activeAuthentication && verifyActiveAuthentication(activeAuthentication)
  const findings = [...examined.findings, ...stateFindings, ...(chip?.findings ?? [])]
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
      ...(chip && { activeAuthentication: chip.valid }),
      compatibilities: [...new Set([...examined.compatibility, ...used])],
    },
  }
}

/** The compatibility that a chain needed, by the code of its warning. */
const compatibilityOf: Readonly<Record<string, string | undefined>> = {
  signature_compatibility: 'rsa-digestinfo-without-null',
  extension_compatibility: 'lenient-extensions',
}
