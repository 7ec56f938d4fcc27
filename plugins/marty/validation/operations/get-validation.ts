import { defined, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { readEvidence } from '../inputs/evidence-store.ts'
import { InputList, openInputList } from '../inputs/input-list.ts'
import { operation } from '../operation.ts'
import { ValidationReference } from '../schemas.ts'
import { openSettings, SettingsRecord } from '../settings.ts'
import { type ChangeRow, changeCauses, validationChanges } from '../tables/validation-changes.ts'
import { visibleRow } from '../verdicts/record-access.ts'
import { Validation, VerdictRecord } from '../verdicts/verdict-schema.ts'

/** What became of a verdict, and why. */
const Change = z.strictObject({
  valid: z.boolean(),
  cause: z.enum(changeCauses),
  fingerprint: z.string(),
  generation: z.int(),
  findings: z.array(z.string()),
  changedAt: z.iso.datetime(),
})

const StoredValidation = z.strictObject({
  ...Validation.shape,
  createdAt: z.iso.datetime(),
  principal: z.string(),
  correlationId: z.string(),
  settings: SettingsRecord,
  /** SHA-256 of everything the verdict was made from. */
  inputs: z.strictObject({ certificate: z.string(), ...InputList.shape }),
  /** There where the verdict would be another one by now. */
  change: z.optional(Change),
})

/** For who asked for the verdict, and for auditors. To others it does not exist. */
export const getValidation = operation({
  name: 'get_validation',
  description: 'A stored verdict with its settings and the hashes of its inputs: own ones, or any for an auditor.',
  input: ValidationReference,
  output: StoredValidation,
  http: { method: 'GET', path: '/v1/validations/{validationId}' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'get_validation' })],
  async run({ validationId }, { context, call }) {
    const row = await visibleRow(validationId, { context, call })
    const [sealed = new Uint8Array()] = await readEvidence(context.database, [row.inputs], call.signal)
    const changed = await context.database.get(validationChanges, { validationId }, { signal: call.signal })
    const settings = openSettings(row.settings)
    const { createdAt, principal, correlationId, anchorsGeneration, certificate } = row
    return {
      validationId,
      ...VerdictRecord.parse(JSON.parse(row.verdict)),
      revocationMode: settings.revocation,
      anchorsGeneration,
      createdAt,
      principal,
      correlationId,
      settings,
      inputs: { certificate, ...openInputList(sealed) },
      ...defined({ change: changed && changeOf(changed) }),
    }
  },
})

function changeOf({ validationId: _validationId, ...change }: ChangeRow): z.output<typeof Change> {
  return change
}
