import { eventHandler, eventInput, insert, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { counted } from '../concerns.ts'
import { certificateRevoked } from '../events/certificate-revoked.ts'
import { revocationsFound } from '../events/revocations-found.ts'
import { operation } from '../operation.ts'
import { revocationsOf } from '../store/revocations.ts'
import { trustRevocations } from '../tables/trust-revocations.ts'

/** What a revocation list says about certificates of stored verdicts is made known as an administrator would: once for each, for good. */
export const recordRevocations = operation({
  name: 'record_revocations',
  description: 'Makes revocations known that were found in a revocation list.',
  input: eventInput(revocationsFound),
  output: z.undefined(),
  concerns: [
    eventHandler({ eventType: revocationsFound.name, retryAttempts: 10, asyncProcessing: true }),
    counted('revoke'),
    traceOperation({ operationName: 'record_revocations' }),
  ],
  async run({ data: { crl, issuer, revocations } }, { context, call }) {
    const { database, events, clock } = context
    const { signal, correlationId, span } = call
    const known = await revocationsOf(
      context,
      revocations.map(({ fingerprint }) => fingerprint),
      { signal },
    )
    const recordedAt = clock.now().toISOString()
    const rows = revocations
      .filter(({ fingerprint }) => !known.has(fingerprint))
      .map(revocation => ({ ...revocation, recordedAt, principal: `crl:${crl}` }))
    if (rows.length === 0) return undefined
    const comment = `listed by ${issuer}`.slice(0, 500)
    // Where another process recorded one of them first, the event comes again and finds it known.
    await database.transaction(
      rows.flatMap(row => [
        insert(trustRevocations, { ...row, comment }),
        events.outbox(certificateRevoked, row, { subject: row.fingerprint, correlationId, span }),
      ]),
      { signal },
    )
    return undefined
  },
})
