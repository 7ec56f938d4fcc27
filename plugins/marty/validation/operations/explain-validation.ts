import { requiresAuth, traceOperation } from '@mmf/framework'
import { explainVerdict } from '@mmf/pki'
import * as z from 'zod'
import { operation } from '../operation.ts'
import { ValidationReference } from '../schemas.ts'
import { visibleRow } from '../verdicts/record-access.ts'
import { Finding, VerdictRecord } from '../verdicts/verdict-schema.ts'

const Explained = z.strictObject({
  ...Finding.shape,
  /** The subject of the certificate or the name of the anchor that it is about; null for the whole input. */
  about: z.nullable(z.string()),
  means: z.string(),
  toChange: z.string(),
})

/** Why a stored verdict is what it is. It explains what was found then; what became of the verdict since is its `change`. */
export const explainValidation = operation({
  name: 'explain_validation',
  description: 'Explains a stored verdict in plain English.',
  input: ValidationReference,
  output: z.strictObject({
    validationId: z.uuid(),
    valid: z.boolean(),
    summary: z.string(),
    findings: z.array(Explained),
    dataGroups: z.array(z.strictObject({ number: z.int(), status: z.string(), means: z.string() })),
    tried: z.array(z.strictObject({ path: z.array(z.string()), outcome: z.string(), findings: z.array(Explained) })),
    /** All of it in lines. */
    text: z.string(),
  }),
  http: { method: 'GET', path: '/v1/validations/{validationId}/explanation' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'explain_validation' })],
  async run({ validationId }, environment) {
    const { verdict, valid } = await visibleRow(validationId, environment)
    return { validationId, valid, ...(await explainVerdict(VerdictRecord.parse(JSON.parse(verdict)))) }
  },
})
