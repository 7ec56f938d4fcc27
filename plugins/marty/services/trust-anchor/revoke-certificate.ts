import { idempotent, insert, isMmfError, MmfError, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { certificateRevoked } from '../../events/certificate-revoked.ts'
import { revocationReasons, trustRevocations } from '../../tables/trust-revocations.ts'
import { fingerprint } from '../../values/hexadecimal.ts'
import { administrators, counted } from './concerns.ts'
import { operation } from './operation.ts'

const Revocation = z.strictObject({
  fingerprint,
  reason: z.enum(revocationReasons),
  revokedAt: z.string(),
  recordedAt: z.string(),
  principal: z.string(),
  comment: z.optional(z.string()),
})

export const revokeCertificate = operation({
  name: 'revoke_certificate',
  description:
    'Makes the revocation of a certificate known, for good; verdicts that rest on it are found by its event.',
  input: z.strictObject({
    fingerprint,
    reason: z.enum(revocationReasons),
    revokedAt: z.optional(z.iso.datetime().meta({ description: 'RFC 3339, UTC; default now, never later' })),
    comment: z.optional(z.string().min(1).max(500)),
  }),
  output: Revocation,
  http: { method: 'POST', path: '/v1/certificates/{fingerprint}/revocations', status: 201 },
  concerns: [
    administrators(),
    counted('revoke'),
    traceOperation({ operationName: 'revoke_certificate' }),
    idempotent(),
  ],
  async run(input, { context, call }) {
    const { database, events, clock } = context
    const now = clock.now()
    const principal = call.principal?.subject
    if (principal === undefined) throw new MmfError('authentication_required')
    const since = input.revokedAt === undefined ? now : new Date(input.revokedAt)
    if (since > now) {
      const message = 'a revocation to come is none yet'
      throw new MmfError('validation_failed', { detail: message, errors: [{ path: 'revokedAt', message }] })
    }
    const row = { ...input, revokedAt: since.toISOString(), recordedAt: now.toISOString(), principal }
    const { comment: _comment, ...published } = row
    const told = { subject: input.fingerprint, correlationId: call.correlationId }
    try {
      await database.transaction(
        [
          insert(trustRevocations, row),
          events.outbox(certificateRevoked, published, told),
          ...(call.idempotency?.complete(row) ?? []),
        ],
        { signal: call.signal },
      )
    } catch (error) {
      const { failed } = isMmfError(error, 'database_conflict') ? error.members : { failed: [] }
      if (!Array.isArray(failed) || !failed.includes(0)) throw error
      throw new MmfError('revocation_exists', { detail: input.fingerprint })
    }
    return row
  },
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
