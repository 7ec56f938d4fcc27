import { idempotent, isMmfError, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { bytesOfBase64 } from '../../certificates/certificate-text.ts'
import type { Target } from '../evaluation/candidates.ts'
import { readTarget } from '../inputs/read-input.ts'
import { operation } from '../operation.ts'
import { ValidateRequest } from '../schemas.ts'
import { countVerdicts } from '../verdicts/verdict-metrics.ts'
import { Validation } from '../verdicts/verdict-schema.ts'
import { validate } from './validate.ts'

export const validateCertificates = operation({
  name: 'validate_certificates',
  description: 'Judges a certificate, or up to 1,000, under a profile, and stores each verdict with what led to it.',
  input: ValidateRequest,
  output: z.union([Validation, z.strictObject({ validations: z.array(Validation) })]),
  http: { method: 'POST', path: '/v1/certificates/validate' },
  concerns: [
    requiresAuth(),
    countVerdicts(),
    traceOperation({ operationName: 'certificate_validation_flow' }),
    idempotent({ afterwards: true }),
  ],
  async run({ certificate, certificates, ...request }, environment) {
    if (certificates !== undefined) {
      const validations = await validate(request, () => certificates.map(readOrKeep), environment)
      return { validations: [...validations] }
    }
    const [validation] = await validate(request, () => [readTarget(certificate ?? '', 'certificate')], environment)
    if (validation === undefined) throw new TypeError('no verdict for a certificate')
    return validation
  },
})

/** In a batch a certificate that cannot be read is a verdict of its own: the others get theirs. */
function readOrKeep(text: string, index: number): Target {
  try {
    return readTarget(text, `certificates.${index}`)
  } catch (error) {
    if (!isMmfError(error, 'certificate_malformed')) throw error
    return { target: bytesOfBase64(text) ?? Buffer.from(text), others: [] }
  }
}
