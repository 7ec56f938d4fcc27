import { idempotent, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { request } from '../changes/carry-out.ts'
import { administrators, counted } from '../concerns.ts'
import { compareList } from '../lists/compare-list.ts'
import { importing } from '../lists/list-importing.ts'
import { operation } from '../operation.ts'
import { Compared, Imported, ImportRequest, Proposed } from '../schemas.ts'

/** In characters; a row has 400 KB. */
const maxStoredLength = 100_000

/** 201 it is in force; 202 it waits for a second administrator; 200 it was only compared. */
const statusOf = (output: z.input<typeof Imported> | z.input<typeof Compared> | z.input<typeof Proposed>) =>
  'proposalId' in output ? 202 : 'dryRun' in output ? 200 : 201

export const importMasterList = operation({
  name: 'import_master_list',
  description: 'Imports a signed CSCA master list (ICAO Doc 9303-12), or with dryRun says what it would change.',
  input: ImportRequest,
  output: z.union([Imported, Compared, Proposed]),
  http: { method: 'POST', path: '/v1/trust-anchors/master-lists', load: 'import', status: statusOf },
  concerns: [
    administrators(),
    counted('import'),
    traceOperation({ operationName: 'import_master_list' }),
    idempotent(),
  ],
  async run(input, invocation) {
    if (input.dryRun !== true) return request(importing, input, invocation)
    const compared = await compareList(input, invocation)
    const { context, call } = invocation
    // A long answer has no room in a row; a comparison may be repeated as often as one likes.
    const stored = JSON.stringify(compared).length > maxStoredLength ? [] : (call.idempotency?.complete(compared) ?? [])
    if (stored.length > 0) await context.database.transaction(stored, { signal: call.signal })
    return compared
  },
})
