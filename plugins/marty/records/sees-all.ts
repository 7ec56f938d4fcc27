import { hasRole, type Principal } from '@mmf/framework'
import { roles } from '../access.ts'

/** Auditors see every record of every service, others their own. */
export const seesAll = (principal: Principal | undefined): boolean => hasRole(principal, roles.auditor)
