import { idempotent, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { fingerprint } from '../../certificates/values/hexadecimal.ts'
import { requestRevocation } from '../changes/revocation.ts'
import { administrators, counted } from '../concerns.ts'
import { operation } from '../operation.ts'
import { Proposed, RevokeRequest } from '../schemas.ts'
import { revocationReasons, trustRevocations } from '../tables/trust-revocations.ts'

const Revocation = z.strictObject({
  fingerprint,
  reason: z.enum(revocationReasons),
  revokedAt: z.string(),
  recordedAt: z.string(),
  principal: z.string(),
  comment: z.optional(z.string()),
  approvedBy: z.optional(z.string()),
})

export const revokeCertificate = operation({
  name: 'revoke_certificate',
  description:
    'Makes the revocation of a certificate known, for good, and verdicts that rest on it found; waits for a second administrator where configured.',
  input: RevokeRequest,
  output: z.union([Revocation, Proposed]),
  http: {
    method: 'POST',
    path: '/v1/certificates/{fingerprint}/revocations',
    status: output => ('proposalId' in output ? 202 : 201),
  },
  concerns: [
    administrators(),
    counted('revoke'),
    traceOperation({ operationName: 'revoke_certificate' }),
    idempotent(),
  ],
  run: (input, invocation) => requestRevocation(input, invocation),
})

export const getRevocation = operation({
  name: 'get_revocation',
  description: 'The revocation of a certificate that was made known here, if any; CRLs and OCSP are asked elsewhere.',
  input: z.strictObject({ fingerprint }),
  output: z.strictObject({ fingerprint, revocations: z.array(Revocation) }),
  http: { method: 'GET', path: '/v1/certificates/{fingerprint}/revocations' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'get_revocation' })],
  async run(input, { context, call }) {
    const row = await context.database.get(trustRevocations, input, { signal: call.signal })
    return { fingerprint: input.fingerprint, revocations: row === undefined ? [] : [row] }
  },
})
