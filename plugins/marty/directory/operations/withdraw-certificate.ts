import { idempotent, MmfError, put, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { newRevisions } from '../entries/directory-change.ts'
import { toEntry } from '../entries/to-entry.ts'
import { rankOf } from '../entry/rank.ts'
import { pkdCertificateWithdrawn } from '../events/pkd-certificate-withdrawn.ts'
import { operation } from '../operation.ts'
import { orConflict } from '../or-conflict.ts'
import { forgetLookups } from '../queries/lookup-cache.ts'
import { DirectoryEntry, Fingerprint } from '../schemas.ts'
import { publicKeys } from '../tables/pkd-public-keys.ts'

/** Takes a certificate out of lookups and exports. The entry stays, with the reason; imports do not bring it back. */
export const withdrawCertificate = operation({
  name: 'withdraw_certificate',
  description: 'Withdraws a certificate from the directory.',
  input: z.strictObject({
    fingerprint: Fingerprint,
    reason: z.string().trim().min(1).max(1000).meta({ description: 'why, for those who ask later' }),
  }),
  output: DirectoryEntry,
  http: { method: 'POST', path: '/v1/pkd/certificates/{fingerprint}/withdraw' },
  concerns: [
    requiresAuth({ roles: [roles.pkdAdministrator] }),
    traceOperation({ operationName: 'withdraw_certificate' }),
    idempotent(),
  ],
  async run({ fingerprint, reason }, { context, call }) {
    const { database, events, clock } = context
    const { signal, correlationId, span } = call
    const principal = call.principal?.subject ?? ''
    const before = await database.get(publicKeys, { fingerprint }, { signal })
    if (before === undefined) throw new MmfError('certificate_not_found')
    if (before.status === 'withdrawn') {
      throw new MmfError('certificate_withdrawn', { detail: `withdrawn at ${before.withdrawal?.at}` })
    }
    const at = clock.now().toISOString()
    const changed = {
      ...before,
      status: 'withdrawn' as const,
      withdrawal: { reason, at, principal },
      updatedAt: at,
      revision: before.revision + 1,
    }
    const row = { ...changed, rank: rankOf(changed) }
    const answer = toEntry(row)
    await orConflict(
      database.transaction(
        [
          put(publicKeys, row, { when: { revision: before.revision } }),
          ...newRevisions(context, [row.collection]),
          events.outbox(
            pkdCertificateWithdrawn,
            { fingerprint, subject: row.subject, reason, principal },
            { subject: fingerprint, correlationId, span },
          ),
          ...(call.idempotency?.complete(answer) ?? []),
        ],
        { signal },
      ),
    )
    await forgetLookups(context)
    return answer
  },
})
