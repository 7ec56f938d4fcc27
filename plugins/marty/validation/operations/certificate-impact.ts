import {
  defined,
  integerText,
  MmfError,
  type Page,
  requiresAuth,
  traceOperation,
  unreadableOf,
  unreadableShape,
} from '@mmf/framework'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { fingerprint } from '../../certificates/values/hexadecimal.ts'
import { shardsOf } from '../../records/shards.ts'
import { operation } from '../operation.ts'
import { type DependencyRow, dependencyRoles, validationDependencies } from '../tables/validation-dependencies.ts'

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
    const sort = { sort: cursor === undefined ? undefined : { lt: cursor } }
    const pages = await Promise.all(
      [fingerprint, ...shardsOf(fingerprint)].map(partition =>
        context.database.query(
          validationDependencies,
          { partition, descending: true, limit, unreadable: 'report', ...sort },
          { signal: call.signal },
        ),
      ),
    )
    const page = newestOf(pages, limit)
    const validations = page.rows.map(dependentOf)
    return {
      fingerprint,
      validations,
      ...unreadableOf(page),
      ...defined({ cursor: page.cursor }),
    }
  },
})

/** The newest rows of all shards. The cursor is the id of the last one, so it holds for every shard. */
function newestOf(pages: readonly Page<DependencyRow>[], limit: number): Page<DependencyRow> {
  const found = pages.flatMap(({ rows, unreadable = [] }) => [
    ...rows.map(row => ({ id: row.validationId, row })),
    ...unreadable.map(odd => ({ id: String(odd.key['validationId']), odd })),
  ])
  const shown = found.toSorted((a, b) => (a.id > b.id ? -1 : 1)).slice(0, limit)
  const last = shown.at(-1)
  const more = found.length > limit || pages.some(page => page.cursor !== undefined)
  return {
    rows: shown.flatMap(one => ('row' in one ? [one.row] : [])),
    unreadable: shown.flatMap(one => ('odd' in one ? [one.odd] : [])),
    ...(more && last !== undefined ? { cursor: last.id } : {}),
  }
}

function dependentOf({ fingerprint: _fingerprint, ...dependent }: DependencyRow): z.output<typeof Dependent> {
  return dependent
}
