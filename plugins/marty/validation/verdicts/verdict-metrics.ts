import { type Concern, trackMetrics } from '@mmf/framework'
import type { Validation } from './verdict-schema.ts'

type Answer = Validation | { readonly validations: readonly Validation[] }

/** One request is one count: `valid` when every verdict in its answer is. */
function resultOf(answer: Answer | undefined): 'valid' | 'invalid' | 'error' {
  if (answer === undefined) return 'error'
  const verdicts = 'validations' in answer ? answer.validations : [answer]
  return verdicts.every(({ valid }) => valid) ? 'valid' : 'invalid'
}

/** `trust_validation_requests` by result. */
export function countVerdicts<Input, Output extends Answer>(): Concern<Input, Output> {
  return trackMetrics({
    metricName: 'trust_validation_requests',
    labels: ({ output }) => ({ result: resultOf(output) }),
    status: false,
  })
}
