import { expiryOperations } from '../../certificates/expiry/expiry-operations.ts'
import { administrators, counted } from '../concerns.ts'
import { operation, type TrustAnchorContext } from '../operation.ts'
import type { trustState } from '../tables/trust-state.ts'
import { expiringEntries } from './expiring-entries.ts'

const expiries = expiryOperations<TrustAnchorContext, typeof trustState>({
  place: 'trust_store',
  what: 'anchors and link certificates',
  path: '/v1/trust-anchors/expiries/check',
  concerns: [administrators(), counted('check_expiries')],
  source: expiringEntries,
})

export const checkExpiries = operation(expiries.check)
export const watchExpiries = operation(expiries.watch)
export const continueExpiries = operation(expiries.proceed)
