import { type Call, MmfError, requiresAuth, traceOperation } from '@mmf/framework'
import { type Certificate, isPkiError, parseCertificate, parseCrl, parseOcspResponse, prepareEvidence } from '@mmf/pki'
import * as z from 'zod'
import type { ValidationRow } from '../../tables/validations.ts'
import { evaluate } from './evaluate.ts'
import { readEvidence } from './evidence-store.ts'
import { openInputList } from './input-list.ts'
import type { Inputs } from './inputs.ts'
import { operation, type ValidationContext } from './operation.ts'
import { visibleRow } from './record-access.ts'
import { ValidationReference } from './schemas.ts'
import { fromSettingsRecord } from './settings.ts'
import { recordOf } from './store-verdicts.ts'
import { VerdictRecord } from './verdict-schema.ts'

/**
 * Judges again what was judged then: the stored inputs, anchors among them, at the stored moment under the stored settings. Nothing of
 * today has a say, so another verdict means that the rules of this software have changed since.
 */
export const replayValidation = operation({
  name: 'replay_validation',
  description: 'Repeats a stored validation from its stored inputs and says whether the verdict is the same.',
  input: ValidationReference,
  output: z.strictObject({ validationId: z.uuid(), same: z.boolean(), verdict: VerdictRecord }),
  http: { method: 'POST', path: '/v1/validations/{validationId}/replay' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'replay_validation' })],
  async run({ validationId }, { context, call }) {
    const row = await visibleRow(validationId, { context, call })
    const { settings, limits } = fromSettingsRecord(row)
    const { target, inputs } = await readInputs(row, context, call)
    const { observability } = context
    const [evaluated] = await evaluate([{ target, inputs }], settings, { call, observability, limits })
    if (evaluated === undefined) throw new TypeError('no verdict for a certificate')
    const verdict = recordOf(evaluated)
    return { validationId, same: JSON.stringify(verdict) === row.verdict, verdict }
  },
})

async function readInputs(
  { certificate, inputs, anchorsGeneration }: ValidationRow,
  { database }: ValidationContext,
  { signal }: Call,
): Promise<{ readonly target: Certificate | Uint8Array; readonly inputs: Inputs }> {
  const [target, sealed] = await readEvidence(database, [certificate, inputs], signal)
  if (target === undefined || sealed === undefined) throw new MmfError('evidence_unavailable')
  const list = openInputList(sealed)
  const read = (hashes: readonly string[]) => readEvidence(database, hashes, signal)
  const crls = (await read(list.crls)).map(parseCrl)
  const ocspResponses = (await read(list.ocspResponses)).map(parseOcspResponse)
  return {
    target: certificateOrBytes(target),
    inputs: {
      list,
      intermediates: (await read(list.intermediates)).map(parseCertificate),
      anchors: (await read(list.anchors)).map(parseCertificate),
      anchorsGeneration,
      refused: list.refused,
      ...(list.targetRefused === undefined ? {} : { targetRefused: list.targetRefused }),
      crls,
      ocspResponses,
      evidence: prepareEvidence(crls, ocspResponses),
    },
  }
}

function certificateOrBytes(bytes: Uint8Array): Certificate | Uint8Array {
  try {
    return parseCertificate(bytes)
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return bytes
  }
}
