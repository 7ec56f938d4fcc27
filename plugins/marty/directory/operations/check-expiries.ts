import { requiresAuth } from '@mmf/framework'
import { roles } from '../../access.ts'
import { expiryOperations } from '../../certificates/expiry/expiry-operations.ts'
import { operation, type PkdContext } from '../operation.ts'
import { expiringCertificates } from '../queries/expiring-certificates.ts'
import type { publicKeys } from '../tables/pkd-public-keys.ts'

const expiries = expiryOperations<PkdContext, typeof publicKeys>({
  place: 'public_key_directory',
  what: 'certificates of the directory',
  path: '/v1/pkd/expiries/check',
  concerns: [requiresAuth({ roles: [roles.pkdAdministrator] })],
  source: expiringCertificates,
})

export const checkExpiries = operation(expiries.check)
export const watchExpiries = operation(expiries.watch)
export const continueExpiries = operation(expiries.proceed)
