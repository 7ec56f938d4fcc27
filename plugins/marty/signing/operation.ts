import { publishes, serviceScope, signs, writes } from '@mmf/framework'
import type { MartyConfig } from '../config.ts'
import { signatureEntries } from '../records/tables/record-entries.ts'
import { documentSigned } from './events/document-signed.ts'
import { documentSignerKey } from './keys.ts'
import { signatureRecords } from './tables/signature-records.ts'

const scope = {
  tables: [writes(signatureRecords), writes(signatureEntries)],
  keys: [signs(documentSignerKey)],
  events: [publishes(documentSigned)],
} as const

/** What this service may touch. Its context type, its IAM grants and the permission matrix follow from it. */
export const operation = serviceScope<MartyConfig>()('document_signer', scope)
