import { integerText, requiresAuth, traceOperation, unreadableOf, unreadableShape } from '@mmf/framework'
import * as z from 'zod'
import { type DependencyRow, dependencyRoles, validationDependencies } from '../../tables/validation-dependencies.ts'
import { operation } from './operation.ts'
import { fingerprint } from './schemas.ts'

const Dependent = z.strictObject({
  validationId: z.uuid(),
  /** What the certificate did for the verdict. */
  roles: z.array(z.enum(dependencyRoles)),
  valid: z.boolean(),
  profile: z.string(),
  at: z.iso.datetime(),
  principal: z.string(),
  createdAt: z.iso.datetime(),
})

/** What a revocation or a distrusted anchor touches. */
export const certificateImpact = operation({
  name: 'certificate_impact',
  description: 'The stored verdicts that rest on a certificate, newest first.',
  input: z.strictObject({
    fingerprint,
    limit: z.optional(integerText({ min: 1, max: 100 })),
    cursor: z.optional(z.string().max(2048)),
  }),
  output: z.strictObject({
    fingerprint: z.string(),
    validations: z.array(Dependent),
    ...unreadableShape,
    cursor: z.optional(z.string()),
  }),
  http: { method: 'GET', path: '/v1/certificates/{fingerprint}/impact' },
  concerns: [
    requiresAuth({ roles: ['auditor', 'trust_administrator'] }),
    traceOperation({ operationName: 'certificate_impact' }),
  ],
  async run({ fingerprint, limit = 20, cursor }, { context, call }) {
    const page = await context.database.query(
      validationDependencies,
      {
        partition: fingerprint,
        descending: true,
        limit,
        unreadable: 'report',
        ...(cursor === undefined ? {} : { cursor }),
      },
      { signal: call.signal },
    )
    const validations = page.rows.map(dependentOf)
    return {
      fingerprint,
      validations,
      ...unreadableOf(page),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    }
  },
})

function dependentOf({ fingerprint: _fingerprint, ...dependent }: DependencyRow): z.output<typeof Dependent> {
  return dependent
}
