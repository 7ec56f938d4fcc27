import { MmfError } from '@mmf/framework'
import { trustAnchorDistrusted } from '../events/trust-anchor-distrusted.ts'
import { trustAnchorRestored } from '../events/trust-anchor-restored.ts'
import type { Changed, StatusRequest } from '../schemas.ts'
import type { TrustEntryRow } from '../tables/trust-entries.ts'
import { type ChangeKind, correlation, type PlanningContext } from './change-kind.ts'
import { nextEntry, statusOf } from './entry-plan.ts'

/** An administrator takes the trust away, whatever the vouchers. Lists that come later do not bring it back. */
export const distrust: ChangeKind<StatusRequest, Changed> = {
  operation: 'distrust_trust_anchor',
  action: 'anchor_distrusted',
  reason: ({ reason }) => reason,
  async plan({ anchorId, reason }, planning) {
    const row = await existing(anchorId, planning)
    if (row.status === 'distrusted') throw unchanged(`${anchorId} is distrusted already: ${row.reason ?? ''}`)
    const { context, principal } = planning
    return {
      plan: { entries: [nextEntry(row, { status: 'distrusted' })], content: [], record: { anchorId } },
      accompany: ({ generation }) => [
        context.events.outbox(
          trustAnchorDistrusted,
          { anchorId, generation, reason, principal },
          correlation(planning, anchorId),
        ),
      ],
      answer: ({ generation }) => ({ anchorId, generation, status: 'distrusted' }),
      preview: { anchorId, reason, status: 'distrusted' },
    }
  },
}

/** An administrator takes a distrust back: it is trusted again if a source still vouches for it. */
export const restoration: ChangeKind<StatusRequest, Changed> = {
  operation: 'restore_trust_anchor',
  action: 'anchor_restored',
  reason: ({ reason }) => reason,
  async plan({ anchorId, reason }, planning) {
    const row = await existing(anchorId, planning)
    if (row.status !== 'distrusted') throw unchanged(`${anchorId} is not distrusted but ${row.status}`)
    const { context, principal } = planning
    const status = statusOf(row.vouchers) === 'trusted' ? 'trusted' : 'ended'
    return {
      plan: { entries: [nextEntry(row, { status })], content: [], record: { anchorId } },
      accompany: ({ generation }) => [
        context.events.outbox(
          trustAnchorRestored,
          { anchorId, generation, reason, status, principal },
          correlation(planning, anchorId),
        ),
      ],
      answer: ({ generation }) => ({ anchorId, generation, status }),
      preview: { anchorId, reason, status },
    }
  },
}

/** @throws {MmfError} `trust_anchor_not_found` */
async function existing(anchorId: string, { store, base }: PlanningContext): Promise<TrustEntryRow> {
  const row = (await store.byFingerprint(anchorId, base.generation))?.row
  if (row === undefined) throw new MmfError('trust_anchor_not_found', { detail: anchorId })
  return row
}

const unchanged = (detail: string) => new MmfError('trust_status_unchanged', { detail })
