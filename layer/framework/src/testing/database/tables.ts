import * as z from 'zod'
import { table } from '../../database/table.ts'

/** The tables of the database contract: one key of each type, an index on texts, one on numbers, sparse ones, a ttl. */
export const documents = table({
  name: 'contract_documents',
  row: z.object({
    id: z.string(),
    count: z.number().optional(),
    text: z.string().optional(),
    flag: z.boolean().optional(),
    bytes: z.instanceof(Uint8Array).optional(),
    nothing: z.null().optional(),
    list: z.array(z.json().or(z.instanceof(Uint8Array))).optional(),
    map: z.record(z.string(), z.json()).optional(),
    order: z.string().optional(),
  }),
  partition: 'id',
})

export const entries = table({
  name: 'contract_entries',
  row: z.object({
    owner: z.string(),
    at: z.string(),
    status: z.enum(['open', 'done']).optional(),
    rank: z.number().optional(),
    text: z.string().optional(),
    note: z.string().optional(),
    expires: z.number().int().optional(),
  }),
  partition: 'owner',
  sort: 'at',
  indexes: { by_status: { partition: 'status', sort: 'rank' }, by_text: { partition: 'text' } },
  ttl: 'expires',
})

export const numbers = table({
  name: 'contract_numbers',
  row: z.object({ group: z.number(), value: z.number(), label: z.string().optional() }),
  partition: 'group',
  sort: 'value',
})

export const binaries = table({
  name: 'contract_binaries',
  row: z.object({ group: z.instanceof(Uint8Array), part: z.instanceof(Uint8Array) }),
  partition: 'group',
  sort: 'part',
})

export const contractTables = [documents, entries, numbers, binaries] as const
