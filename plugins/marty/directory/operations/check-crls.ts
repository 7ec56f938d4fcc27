import {
  type Call,
  defined,
  idempotent,
  oneByOne,
  requiresAuth,
  traceOperation,
  unlessConflict,
  update,
} from '@mmf/framework'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { crlStale } from '../../certificates/events/crl-stale.ts'
import { staleCrls } from '../alarms.ts'
import { isStale, newestCrls, type WithNextUpdate } from '../newest-crls.ts'
import { operation, type PkdContext } from '../operation.ts'
import { pkdCrls } from '../tables/pkd-crls.ts'

/** Looks for issuers whose newest list is past its nextUpdate, and publishes `crl_stale` once for each. To be run regularly. */
export const checkCrls = operation({
  name: 'check_crls',
  description:
    'Publishes `crl_stale` for issuers whose newest revocation list is past its nextUpdate, once for each list.',
  input: z.strictObject({}),
  output: z.strictObject({ issuers: z.int(), stale: z.int(), told: z.int() }),
  http: { method: 'POST', path: '/v1/pkd/crls/check' },
  concerns: [
    requiresAuth({ roles: [roles.pkdAdministrator] }),
    traceOperation({ operationName: 'check_crls' }),
    idempotent({ afterwards: true }),
  ],
  run: (_input, { context, call }) => publishStaleCrls(context, call),
})

/**
 * Publishes `crl_stale` at most once per CRL; concurrent runs are resolved by a conditional write. Sets a gauge of the stale CRLs each time.
 * @returns `told`: how many were published; the name is that of the answer
 */
export async function publishStaleCrls(context: PkdContext, call: Call) {
  const newest = await newestCrls(context, call.signal)
  const now = context.clock.now().getTime()
  const stale = [...newest.values()].filter(isStale(now))
  const { plugin, observability } = context
  observability.metrics.gauge(`${plugin.metricPrefix}_${staleCrls.metric}`, {}, stale.length)
  let published = 0
  for (const row of stale) {
    const about = { loop: 'check_crls', id: row.fingerprint }
    const work = async () => row.staleSince === undefined && (await publish(context, row, call))
    if (await oneByOne({ logger: call.logger, metrics: observability.metrics }, about, work)) published += 1
  }
  return { issuers: newest.size, stale: stale.length, told: published }
}

/** False: another process has published it, or the list was imported again meanwhile. */
async function publish(
  context: PkdContext,
  row: WithNextUpdate,
  { signal, correlationId, span }: Call,
): Promise<boolean> {
  const { fingerprint, issuer, country, thisUpdate, nextUpdate, revision } = row
  const data = { fingerprint, issuer, ...defined({ country }), thisUpdate, nextUpdate }
  const changes = { staleSince: context.clock.now().toISOString(), revision: revision + 1 }
  return unlessConflict(
    context.database.transaction(
      [
        update(pkdCrls, { fingerprint }, changes, { when: { revision } }),
        context.events.outbox(crlStale, data, { subject: fingerprint, correlationId, span }),
      ],
      { signal },
    ),
  )
}
