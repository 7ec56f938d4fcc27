import type { TableGrant } from '../contract/scope.ts'
import { keyCatalogue } from '../keys/key-catalogue.ts'
import { auditWaiting } from './audit-waiting.ts'

/** Tables of the platform whose rows are records. One that a host adds belongs here. */
export const loggedPlatformTables = [keyCatalogue] as const

export type AuditLogTable = typeof auditWaiting | (typeof loggedPlatformTables)[number]

/** What a service that keeps the audit log may do with the platform's own tables. */
export const auditLogGrants: readonly TableGrant[] = [
  { table: auditWaiting, access: 'write' },
  ...loggedPlatformTables.map(table => ({ table, access: 'read' as const })),
]
