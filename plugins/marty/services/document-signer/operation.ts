import { publishes, serviceScope, signs, writes } from '@mmf/framework'
import type { MartyConfig } from '../../config.ts'
import { documentSigned } from '../../events/document-signed.ts'
import { documentSignerKey } from '../../keys.ts'
import { signatureRecords } from '../../tables/signature-records.ts'

/** What this service may touch. Its context type, its IAM grants and the permission matrix follow from it. */
export const operation = serviceScope<MartyConfig>()('document_signer', {
  tables: [writes(signatureRecords)],
  keys: [signs(documentSignerKey)],
  events: [publishes(documentSigned)],
})
