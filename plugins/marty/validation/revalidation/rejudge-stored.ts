import type { Call } from '@mmf/framework'
import { type CertificateList, prepareEvidence, type WorkLimits } from '@mmf/pki'
import { inputsFor } from '../evaluation/candidates.ts'
import { type Evaluated, evaluate } from '../evaluation/evaluate.ts'
import { type StoreView, storedTrust, type Trust } from '../evaluation/trust.ts'
import { storedInputs } from '../inputs/stored-inputs.ts'
import type { ValidationContext } from '../operation.ts'
import type { Settings } from '../settings.ts'
import type { ValidationRow } from '../tables/validations.ts'

export interface Rejudgement {
  readonly settings: Settings
  readonly limits: WorkLimits
  /** The part of the trust store that counts. */
  readonly view?: StoreView
  /** A CRL in addition to the stored evidence. */
  readonly crl?: CertificateList
}

/**
 * Validates the certificate of a stored verdict with its stored inputs and the trust anchors of now. Stores nothing.
 * @throws {MmfError} `evidence_unavailable`, `deadline_exceeded`, what the database throws
 */
export async function rejudgeStored(
  row: ValidationRow,
  { settings, limits, view = {}, crl }: Rejudgement,
  { context, call }: { readonly context: ValidationContext; readonly call: Call },
): Promise<{ readonly evaluated: Evaluated; readonly generation: Trust['generation'] }> {
  const { target, inputs: stored } = await storedInputs(row, context, call)
  const trust = await storedTrust(view, settings, context, call)
  const crls = crl === undefined ? stored.crls : [...stored.crls, crl]
  const helpers = {
    ...stored,
    intermediates: [...stored.intermediates, ...stored.withheld],
    ...(crl === undefined ? {} : { crls, evidence: prepareEvidence(crls, stored.ocspResponses) }),
  }
  const inputs = await inputsFor({ target, others: [], document: stored.document }, helpers, trust)
  const { observability } = context
  const [evaluated] = await evaluate([{ target, inputs }], settings, { call, observability, limits })
  if (evaluated === undefined) throw new TypeError('no verdict for a certificate')
  return { evaluated, generation: trust.generation }
}
