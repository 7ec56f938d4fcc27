import { defined, idempotent, requiresAuth, traceOperation } from '@mmf/framework'
import { readCertificates } from '../inputs/read-input.ts'
import { operation } from '../operation.ts'
import { validate } from '../operations/validate.ts'
import { compatibilityNames } from '../schemas.ts'
import { countVerdicts } from '../verdicts/verdict-metrics.ts'
import { Validation } from '../verdicts/verdict-schema.ts'
import { certificatesFromSod } from './certificates-from-sod.ts'
import { PassiveAuthenticationRequest } from './document-schemas.ts'
import { findSigner } from './find-signer.ts'
import { readDocument } from './read-document.ts'

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
  async run({ sod: text, dataGroups, issuingState, compatibilities = [], ...request }, { context, call }) {
    const { document, sod } = readDocument({ sod: text, dataGroups, issuingState, compatibilities })
    const given = readCertificates(request.intermediates, 'intermediates')
    const target = await findSigner(sod, given, { context, call })
    const forChain = compatibilityNames.filter(name => compatibilities.includes(name))
    const shared = { ...request, profile: 'icao-dsc' as const, ...defined({ compatibilities: some(forChain) }) }
    const others = certificatesFromSod(sod).filter(({ fingerprint }) => fingerprint !== target.fingerprint)
    const [validation] = await validate(shared, () => [{ target, others, document }], { context, call })
    if (validation === undefined) throw new TypeError('no verdict for a document')
    return validation
  },
})

const some = <T>(list: readonly T[]): T[] | undefined => (list.length === 0 ? undefined : [...list])
