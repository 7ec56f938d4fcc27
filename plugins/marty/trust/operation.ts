import { publishes, type ScopedContext, serviceScope, writes } from '@mmf/framework'
import { expiryEvents, expiryWrites } from '../certificates/expiry/expiry-grants.ts'
import { sourceStates } from '../certificates/tables/source-states.ts'
import type { MartyConfig } from '../config.ts'
import { certificateRevoked } from './events/certificate-revoked.ts'
import { trustAnchorAdded } from './events/trust-anchor-added.ts'
import { trustAnchorDistrusted } from './events/trust-anchor-distrusted.ts'
import { trustAnchorRestored } from './events/trust-anchor-restored.ts'
import { masterListUpdated } from './events/trust-master-list-updated.ts'
import { trustWrites } from './store/trust-grants.ts'
import { trustRevocations } from './tables/trust-revocations.ts'

const scope = {
  tables: [...trustWrites, writes(trustRevocations), writes(sourceStates), ...expiryWrites],
  events: [
    publishes(trustAnchorAdded),
    publishes(trustAnchorDistrusted),
    publishes(trustAnchorRestored),
    publishes(masterListUpdated),
    publishes(certificateRevoked),
    ...expiryEvents,
  ],
  egress: true,
} as const

/** What this service may touch. Its context type, its IAM grants and the permission matrix follow from it. */
export const operation = serviceScope<MartyConfig>()('trust_anchor', scope)

export type TrustAnchorContext = ScopedContext<MartyConfig, typeof scope>
