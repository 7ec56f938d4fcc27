import {
  defined,
  integerText,
  MmfError,
  requiresAuth,
  traceOperation,
  unreadableOf,
  unreadableShape,
} from '@mmf/framework'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { fingerprint } from '../../certificates/values/hexadecimal.ts'
import { operation } from '../operation.ts'
import { type DependencyRow, dependencyRoles } from '../tables/validation-dependencies.ts'
import { newestDependencies } from '../verdicts/newest-dependencies.ts'

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
    requiresAuth({ roles: [roles.auditor, roles.trustAdministrator] }),
    traceOperation({ operationName: 'certificate_impact' }),
  ],
  async run({ fingerprint, limit = 20, cursor }, { context, call }) {
    if (cursor !== undefined && !/^[0-9a-f-]{36}$/.test(cursor)) throw new MmfError('cursor_invalid')
    const page = await newestDependencies(context.database, { fingerprint, limit, before: cursor }, call.signal)
    const validations = page.rows.map(dependentOf)
    return {
      fingerprint,
      validations,
      ...unreadableOf(page),
      ...defined({ cursor: page.cursor }),
    }
  },
})

function dependentOf(row: DependencyRow): z.output<typeof Dependent> {
  const { fingerprint: _fingerprint, anchorsGeneration: _generation, ...dependent } = row
  return dependent
}
