import { idempotent, requiresAuth, traceOperation } from '@mmf/framework'
import { operation } from '../operation.ts'
import { countVerdicts } from '../verdicts/verdict-metrics.ts'
import { Validation } from '../verdicts/verdict-schema.ts'
import { authenticateDocuments } from './authenticate-documents.ts'
import { PassiveAuthenticationRequest } from './document-schemas.ts'

/** Passive authentication (ICAO Doc 9303-11 §5.1): a verdict like any other, on the document signer, with the document as one of its inputs. */
export const passiveAuthenticate = operation({
  name: 'passive_authentication',
  description: 'Judges a travel document by its EF.SOD and data groups, and stores the verdict with what led to it.',
  input: PassiveAuthenticationRequest,
  output: Validation,
  http: { method: 'POST', path: '/v1/documents/passive-authentication' },
  concerns: [
    requiresAuth(),
    countVerdicts(),
    traceOperation({ operationName: 'certificate_validation_flow' }),
    idempotent({ afterwards: true }),
  ],
  async run({ sod, dataGroups, issuingState, activeAuthentication, ...request }, environment) {
    const document = { sod, dataGroups, issuingState, activeAuthentication, at: '' }
    const [validation] = await authenticateDocuments([document], request, environment)
    if (validation === undefined) throw new TypeError('no verdict for a document')
    return validation
  },
})
