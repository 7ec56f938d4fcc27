import { reads, type ScopedContext, serviceScope, signs, writes } from '@mmf/framework'
import { roles } from '../access.ts'
import type { MartyConfig } from '../config.ts'
import { signatureEntries, validationEntries } from '../records/tables/record-entries.ts'
import { auditLogKey } from './log/audit-log-key.ts'
import { loggedMartyTables } from './log/logged-tables.ts'
import { auditLogCheckpoints, auditLogEntries, auditLogState } from './log/tables.ts'

const scope = {
  tables: [
    ...loggedMartyTables.map(table => reads(table)),
    reads(signatureEntries),
    reads(validationEntries),
    writes(auditLogState),
    writes(auditLogEntries),
    writes(auditLogCheckpoints),
  ],
  keys: [signs(auditLogKey)],
  blobs: 'write',
  roles: [roles.auditor],
  lockedBlobs: true,
  auditLog: true,
} as const

/** What this service may touch: it reads records, writes files and keeps the log. Functions that sign or judge do neither. */
export const operation = serviceScope<MartyConfig>()('audit', scope)

export type AuditContext = ScopedContext<MartyConfig, typeof scope>
