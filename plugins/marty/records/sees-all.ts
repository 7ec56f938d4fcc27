import type { Principal } from '@mmf/framework'

/** Auditors see every record of every service, others their own. */
export const seesAll = (principal: Principal | undefined): boolean => principal?.roles.includes('auditor') === true
