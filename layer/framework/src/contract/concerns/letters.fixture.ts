import * as z from 'zod'
import { table } from '../../database/table.ts'
import { insert } from '../../database/write.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Concern } from '../operation/concern.ts'
import { serviceScope } from '../operation/operation.ts'
import { writes } from '../scope.ts'
import { defineService } from '../service.ts'

type Body = (
  input: { q?: string | undefined },
  n: number,
) => Promise<{ n: number; who?: string }> | { n: number; who?: string }
const Output = z.strictObject({ n: z.int(), who: z.optional(z.string()) })
const letters = table({ name: 'concern_letters', row: z.strictObject({ id: z.string() }), partition: 'id' })

/** A service with one operation of these concerns; `body` gets the number of its run. */
export function reader(
  concerns: readonly Concern<{ q?: string | undefined }, { n: number; who?: string | undefined }>[],
  body: Body,
) {
  let n = 0
  const operation = serviceScope<unknown>()('reader', {})({
    name: 'read_letter',
    input: z.strictObject({ q: z.optional(z.string()) }),
    output: Output,
    http: { method: 'GET', path: '/v1/letters' },
    concerns,
    async run(input, { call }) {
      n += 1
      return { who: call.principal?.subject, ...(await body(input, n)) }
    },
  })
  return {
    service: defineService({ name: 'reader', description: 'Reads', operations: { readLetter: operation } }),
    runs: () => n,
  }
}

export const answer: Body = (_input, n) => ({ n })
export const down: Body = () => Promise.reject(new MmfError('service_unavailable'))

/** An operation that writes, with an Idempotency-Key where it is told. */
export function writer(
  concerns: readonly Concern<{ q: string }, { n: number }>[],
  body: (n: number) => void = () => {},
) {
  let n = 0
  const send = serviceScope<unknown>()('writer', { tables: [writes(letters)] })({
    name: 'send_letter',
    input: z.strictObject({ q: z.string() }),
    output: z.strictObject({ n: z.int() }),
    http: { method: 'POST', path: '/v1/letters' },
    concerns,
    async run({ q }, { context, call }) {
      n += 1
      body(n)
      await context.database.transaction([
        insert(letters, { id: `${q}${n}` }),
        ...(call.idempotency?.complete({ n }) ?? []),
      ])
      return { n }
    },
  })
  return {
    send,
    service: defineService({ name: 'writer', description: 'Writes', operations: { send } }),
    runs: () => n,
  }
}
