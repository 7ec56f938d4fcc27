import { requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { trustActions, trustGenerations } from '../../tables/trust-generations.ts'
import { type TrustImportRow, trustImports } from '../../tables/trust-imports.ts'
import { generationDigits } from '../../trust/generation-digits.ts'
import { trustStoreOf } from '../../trust/trust-store.ts'
import { operation } from './operation.ts'
import { ImportRecord, PageRequest } from './schemas.ts'

export const listMasterLists = operation({
  name: 'list_master_lists',
  description: 'The imports of master lists, newest first.',
  input: z.strictObject(PageRequest),
  output: z.strictObject({ imports: z.array(ImportRecord), cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/trust-anchors/master-lists' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_master_lists' })],
  async run({ limit = 20, cursor }, { context, call }) {
    const { rows, cursor: next } = await context.database.query(
      trustImports,
      { partition: 'import', descending: true, limit, ...(cursor === undefined ? {} : { cursor }) },
      { signal: call.signal },
    )
    return { imports: rows.map(toRecord), ...(next === undefined ? {} : { cursor: next }) }
  },
})

function toRecord({ kind: _kind, position: _position, ...record }: TrustImportRow): z.output<typeof ImportRecord> {
  return record
}

const Generation = z.strictObject({
  generation: z.int(),
  activatedAt: z.string(),
  action: z.enum(trustActions),
  principal: z.string(),
  approvedBy: z.optional(z.string()),
  reason: z.optional(z.string()),
  source: z.optional(z.string()),
  anchorId: z.optional(z.string()),
  entries: z.int(),
  counts: z.optional(z.record(z.string(), z.int())),
})

export const listGenerations = operation({
  name: 'list_trust_generations',
  description: 'Every change of the trust store, newest first: when, by whom, why.',
  input: z.strictObject(PageRequest),
  output: z.strictObject({ generations: z.array(Generation), cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/trust-anchors/generations' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_trust_generations' })],
  async run({ limit = 20, cursor }, { context, call }) {
    const { signal } = call
    const current = await trustStoreOf(context, { signal }).currentGeneration()
    const { rows, cursor: next } = await context.database.query(
      trustGenerations,
      {
        partition: 'number',
        sort: { lte: generationDigits(current) },
        descending: true,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      },
      { signal },
    )
    const generations = rows.map(({ axis: _a, position: _p, regions: _r, sources: _s, ...record }) => record)
    return { generations, ...(next === undefined ? {} : { cursor: next }) }
  },
})
