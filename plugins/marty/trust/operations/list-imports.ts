import { defined, requiresAuth, traceOperation, unreadableOf, unreadableShape } from '@mmf/framework'
import * as z from 'zod'
import { operation } from '../operation.ts'
import { ImportRecord, PageRequest } from '../schemas.ts'
import { generationDigits } from '../store/generation-digits.ts'
import { trustStoreOf } from '../store/trust-store.ts'
import { trustActions, trustGenerations } from '../tables/trust-generations.ts'
import { type TrustImportRow, trustImports } from '../tables/trust-imports.ts'

export const listMasterLists = operation({
  name: 'list_master_lists',
  description: 'The imports of master lists, newest first.',
  input: z.strictObject(PageRequest),
  output: z.strictObject({ imports: z.array(ImportRecord), ...unreadableShape, cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/trust-anchors/master-lists' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_master_lists' })],
  async run({ limit = 20, cursor }, { context, call }) {
    const page = await context.database.query(
      trustImports,
      {
        partition: 'import',
        descending: true,
        limit,
        unreadable: 'report',
        cursor,
      },
      { signal: call.signal },
    )
    return { imports: page.rows.map(toRecord), ...unreadableOf(page), ...cursorOf(page) }
  },
})

const cursorOf = ({ cursor }: { readonly cursor?: string }) => defined({ cursor })

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
  output: z.strictObject({ generations: z.array(Generation), ...unreadableShape, cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/trust-anchors/generations' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_trust_generations' })],
  async run({ limit = 20, cursor }, { context, call }) {
    const { signal } = call
    const current = await trustStoreOf(context, { signal }).currentGeneration()
    const page = await context.database.query(
      trustGenerations,
      {
        partition: 'number',
        sort: { lte: generationDigits(current) },
        descending: true,
        limit,
        unreadable: 'report',
        cursor,
      },
      { signal },
    )
    const generations = page.rows.map(({ axis: _a, position: _p, regions: _r, sources: _s, ...record }) => record)
    return { generations, ...unreadableOf(page), ...cursorOf(page) }
  },
})
