import { idempotent, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { addition } from '../changes/addition.ts'
import { request } from '../changes/carry-out.ts'
import { administrators, counted } from '../concerns.ts'
import { operation } from '../operation.ts'
import { AddRequest, Changed, Proposed } from '../schemas.ts'

export const addTrustAnchor = operation({
  name: 'add_trust_anchor',
  description: 'Adds a trust anchor for given purposes; waits for a second administrator where configured.',
  input: AddRequest,
  output: z.union([Changed, Proposed]),
  http: {
    method: 'POST',
    path: '/v1/trust-anchors',
    status: output => ('proposalId' in output ? 202 : 201),
  },
  concerns: [administrators(), counted('add'), traceOperation({ operationName: 'add_trust_anchor' }), idempotent()],
  run: (input, invocation) => request(addition, input, invocation),
})
