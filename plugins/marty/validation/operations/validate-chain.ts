import { idempotent, requiresAuth, traceOperation } from '@mmf/framework'
import { readCertificates, readTarget } from '../inputs/read-input.ts'
import { operation } from '../operation.ts'
import { ValidateChainRequest } from '../schemas.ts'
import { countVerdicts } from '../verdicts/verdict-metrics.ts'
import { Validation } from '../verdicts/verdict-schema.ts'
import { validate } from './validate.ts'

export const validateChain = operation({
  name: 'validate_chain',
  description:
    'Judges the first certificate of a chain; the others help to build its path, in whatever order they stand.',
  input: ValidateChainRequest,
  output: Validation,
  http: { method: 'POST', path: '/v1/chains/validate' },
  concerns: [
    requiresAuth(),
    countVerdicts(),
    traceOperation({ operationName: 'certificate_validation_flow' }),
    idempotent({ afterwards: true }),
  ],
  async run({ chain: [first = '', ...rest], ...request }, environment) {
    const [validation] = await validate(
      request,
      () => {
        const { target, others } = readTarget(first, 'chain.0')
        return [{ target, others: [...others, ...readCertificates(rest, 'chain', 1)] }]
      },
      environment,
    )
    if (validation === undefined) throw new TypeError('no verdict for a chain')
    return validation
  },
})
