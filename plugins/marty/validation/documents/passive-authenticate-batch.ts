import { idempotent, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { operation } from '../operation.ts'
import { countVerdicts } from '../verdicts/verdict-metrics.ts'
import { Validation } from '../verdicts/verdict-schema.ts'
import { authenticateDocuments } from './authenticate-documents.ts'
import { PassiveAuthenticationBatchRequest } from './document-schemas.ts'

/** Several documents under the same trust and evidence. One that cannot be judged refuses all: nothing is stored then. */
export const passiveAuthenticateBatch = operation({
  name: 'passive_authentication_batch',
  description: 'Judges up to 100 travel documents, and stores a verdict for each.',
  input: PassiveAuthenticationBatchRequest,
  output: z.strictObject({ validations: z.array(Validation) }),
  http: { method: 'POST', path: '/v1/documents/passive-authentication-batch', load: 'import' },
  concerns: [
    requiresAuth(),
    countVerdicts(),
    traceOperation({ operationName: 'certificate_validation_flow' }),
    idempotent({ afterwards: true }),
  ],
  async run({ documents, ...request }, environment) {
    const placed = documents.map((document, index) => ({ ...document, at: `documents.${index}.` }))
    return { validations: [...(await authenticateDocuments(placed, request, environment))] }
  },
})
