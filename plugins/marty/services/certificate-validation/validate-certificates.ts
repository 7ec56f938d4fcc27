import { isMmfError, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import type { Candidate } from './evaluate.ts'
import type { Inputs } from './inputs.ts'
import { operation } from './operation.ts'
import { bytesOfBase64, readTarget } from './read-input.ts'
import { ValidateRequest } from './schemas.ts'
import { validate, withIntermediates } from './validate.ts'
import { countVerdicts } from './verdict-metrics.ts'
import { Validation } from './verdict-schema.ts'

export const validateCertificates = operation({
  name: 'validate_certificates',
  description: 'Judges a certificate, or up to 1,000, under a profile, and stores each verdict with what led to it.',
  input: ValidateRequest,
  output: z.union([Validation, z.strictObject({ validations: z.array(Validation) })]),
  http: { method: 'POST', path: '/v1/certificates/validate' },
  concerns: [requiresAuth(), countVerdicts(), traceOperation({ operationName: 'certificate_validation_flow' })],
  async run({ certificate, certificates, ...request }, environment) {
    if (certificates !== undefined) {
      const validations = await validate(request, batchOf(certificates), environment)
      return { validations: [...validations] }
    }
    const [validation] = await validate(request, inputs => [candidateOf(certificate ?? '', inputs)], environment)
    if (validation === undefined) throw new TypeError('no verdict for a certificate')
    return validation
  },
})

/** @throws {MmfError} `certificate_malformed` */
function candidateOf(text: string, inputs: Inputs): Candidate {
  const { target, others } = readTarget(text, 'certificate')
  return { target, inputs: withIntermediates(inputs, others) }
}

/** In a batch a certificate that cannot be read is a verdict of its own: the others get theirs. */
function batchOf(texts: readonly string[]) {
  return (inputs: Inputs): readonly Candidate[] =>
    texts.map((text, index) => {
      try {
        const { target, others } = readTarget(text, `certificates.${index}`)
        return { target, inputs: withIntermediates(inputs, others) }
      } catch (error) {
        if (!isMmfError(error, 'certificate_malformed')) throw error
        return { target: bytesOfBase64(text) ?? Buffer.from(text), inputs }
      }
    })
}
