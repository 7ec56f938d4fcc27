import { idempotent, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { request } from '../changes/carry-out.ts'
import { distrust, restoration } from '../changes/status-changes.ts'
import { administrators, counted } from '../concerns.ts'
import { operation } from '../operation.ts'
import { Changed, Proposed, StatusRequest } from '../schemas.ts'

export const distrustTrustAnchor = operation({
  name: 'distrust_trust_anchor',
  description: 'Takes the trust in a certificate away, with a reason, whatever its vouchers.',
  input: StatusRequest,
  output: z.union([Changed, Proposed]),
  http: {
    method: 'POST',
    path: '/v1/trust-anchors/{anchorId}/distrust',
    status: output => ('proposalId' in output ? 202 : 200),
  },
  concerns: [
    administrators(),
    counted('distrust'),
    traceOperation({ operationName: 'distrust_trust_anchor' }),
    idempotent(),
  ],
  run: (input, invocation) => request(distrust, input, invocation),
})

export const restoreTrustAnchor = operation({
  name: 'restore_trust_anchor',
  description: 'Takes a distrust back; the certificate is trusted again if a source vouches for it.',
  input: StatusRequest,
  output: z.union([Changed, Proposed]),
  http: {
    method: 'POST',
    path: '/v1/trust-anchors/{anchorId}/restore',
    status: output => ('proposalId' in output ? 202 : 200),
  },
  concerns: [
    administrators(),
    counted('restore'),
    traceOperation({ operationName: 'restore_trust_anchor' }),
    idempotent(),
  ],
  run: (input, invocation) => request(restoration, input, invocation),
})
