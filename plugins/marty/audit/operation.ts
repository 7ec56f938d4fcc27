import { reads, serviceScope } from '@mmf/framework'
import { roles } from '../access.ts'
import type { MartyConfig } from '../config.ts'
import { signatureEntries, validationEntries } from '../records/tables/record-entries.ts'
import { signatureRecords } from '../signing/tables.ts'
import { validations } from '../validation/tables/validations.ts'

/** What this service may touch: it reads records and writes files. Functions that sign or judge write no files. */
export const operation = serviceScope<MartyConfig>()('audit', {
  tables: [reads(signatureRecords), reads(signatureEntries), reads(validations), reads(validationEntries)],
  blobs: 'write',
  roles: [roles.auditor],
})
