import { integerText, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { type ValidationRow, validations } from '../../tables/validations.ts'
import { operation } from './operation.ts'

const Summary = z.strictObject({
  validationId: z.uuid(),
  certificate: z.string(),
  valid: z.boolean(),
  profile: z.string(),
  at: z.iso.datetime(),
  anchorsGeneration: z.union([z.literal('request'), z.int()]),
  createdAt: z.iso.datetime(),
})

/** Newest first. The verdicts themselves are fetched one by one: a page of them could be too large for an answer. */
export const listValidations = operation({
  name: 'list_validations',
  description: 'The own validations, newest first, without their verdicts.',
  input: z.strictObject({
    limit: z.optional(integerText({ min: 1, max: 100 })),
    cursor: z.optional(z.string().max(2048)),
  }),
  output: z.strictObject({ validations: z.array(Summary), cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/validations' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_validations' })],
  async run({ limit = 20, cursor }, { context, call }) {
    const page = await context.database.query(
      validations,
      {
        index: 'by_principal',
        partition: call.principal?.subject ?? '',
        descending: true,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      },
      { signal: call.signal },
    )
    return { validations: page.rows.map(summaryOf), ...(page.cursor === undefined ? {} : { cursor: page.cursor }) }
  },
})

function summaryOf(row: ValidationRow): z.output<typeof Summary> {
  const { validationId, certificate, valid, profile, at, anchorsGeneration, createdAt } = row
  return { validationId, certificate, valid, profile, at, anchorsGeneration, createdAt }
}
