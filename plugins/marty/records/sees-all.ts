import type { Access, Principal } from '@mmf/framework'
import { roles } from '../access.ts'

/** What a service needs to ask whether its caller is an auditor: `roles.auditor` in its scope. */
export type AuditorAccess = Access<typeof roles.auditor>

/** Auditors see every record of every service, others their own. */
export const seesAll = ({ hasRole }: AuditorAccess, principal: Principal | undefined): boolean =>
  hasRole(principal, roles.auditor)
