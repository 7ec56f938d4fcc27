import { type Call, requiresAuth, scheduled, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { type Found, lookForExpiring, type Place } from '../../expiry/look.ts'
import { trustEntries } from '../../tables/trust-entries.ts'
import { purposesOf, type TrustEntry } from '../../trust/trust-entry.ts'
import { trustStoreOf } from '../../trust/trust-store.ts'
import { trustAdministrator } from './concerns.ts'
import { operation, type TrustAnchorContext } from './operation.ts'

/** Trusted anchors and link certificates of the generation in force, by country. Each certificate has as many rows as it had standings. */
async function trustedCertificates(context: TrustAnchorContext, { signal }: Call): Promise<Place> {
  const store = trustStoreOf(context, { signal })
  const generation = await store.currentGeneration()
  return {
    name: 'trust_store',
    partitions: async () => (await store.generation(generation))?.regions ?? [],
    async page(partition, { from, to }, { limit, cursor }) {
      const query = { index: 'by_expiry', partition, sort: { gte: from, lte: to }, limit } as const
      const page = await context.database.query(
        trustEntries,
        { ...query, ...(cursor === undefined ? {} : { cursor }) },
        { signal },
      )
      const rows: Found[] = []
      for (const row of page.rows) {
        const entry = await store.byFingerprint(row.fingerprint, generation)
        // Of several rows the one in force speaks.
        if (entry?.row.version === row.version && isTrusted(entry)) rows.push(foundOf(entry))
      }
      return { rows, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) }
    },
  }
}

const isTrusted = ({ row }: TrustEntry) => row.status === 'trusted' && row.kind !== 'quarantined'

function foundOf({ row, names }: TrustEntry): Found {
  const { fingerprint, country, kind, notAfter } = row
  return {
    fingerprint,
    subject: names.subject,
    ...(country === undefined ? {} : { country }),
    kind,
    ...(kind === 'anchor' ? { purposes: [...purposesOf(row)] } : {}),
    notAfter,
  }
}

const look = async (context: TrustAnchorContext, call: Call) =>
  lookForExpiring(
    context,
    await trustedCertificates(context, call),
    context.config.certificate_expiry_warning_days,
    call,
  )

export const checkExpiry = operation({
  name: 'check_trust_expiry',
  description: 'Tells of trusted certificates that have come nearer to their end since the last look.',
  input: z.strictObject({}),
  output: z.strictObject({ told: z.int(), complete: z.boolean() }),
  http: { method: 'POST', path: '/v1/trust-anchors/expiry/check' },
  concerns: [requiresAuth({ roles: [trustAdministrator] }), traceOperation({ operationName: 'check_expiry' })],
  run: (_input, { context, call }) => look(context, call),
})

export const watchExpiry = operation({
  name: 'watch_trust_expiry',
  description: 'Looks at regular times for trusted certificates that come to their end.',
  input: z.strictObject({}),
  output: z.undefined(),
  concerns: [scheduled({ everyMinutes: 360 }), traceOperation({ operationName: 'check_expiry' })],
  async run(_input, { context, call }) {
    await look(context, call)
    return undefined
  },
})
