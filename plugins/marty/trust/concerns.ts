import { type Concern, requiresAuth, trackMetrics } from '@mmf/framework'
import { roles } from '../access.ts'

/** Only trust administrators. */
export const administrators = <I, O>(): Concern<I, O> => requiresAuth({ roles: [roles.trustAdministrator] })

/** Counted by operation; how long each took, too. */
export const counted = <I, O>(operation: string): Concern<I, O> =>
  trackMetrics({ metricName: 'trust_anchor_operations', labels: { operation }, status: false })
