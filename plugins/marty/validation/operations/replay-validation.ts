import { requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { evaluate } from '../evaluation/evaluate.ts'
import { storedInputs } from '../inputs/stored-inputs.ts'
import { operation } from '../operation.ts'
import { ValidationReference } from '../schemas.ts'
import { fromSettingsRecord } from '../settings.ts'
import { visibleRow } from '../verdicts/record-access.ts'
import { recordOf } from '../verdicts/store-verdicts.ts'
import { VerdictRecord } from '../verdicts/verdict-schema.ts'

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
    const { target, inputs } = await storedInputs(row, context, call)
    const { observability } = context
    const [evaluated] = await evaluate([{ target, inputs }], settings, { call, observability, limits })
    if (evaluated === undefined) throw new TypeError('no verdict for a certificate')
    const verdict = recordOf(evaluated)
    return { validationId, same: JSON.stringify(verdict) === row.verdict, verdict }
  },
})
